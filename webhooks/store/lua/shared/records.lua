-- Return the records that the arguments from the `first` on consist of, each as a table by field name.
local function records_from(first, fields)
    local records = {}
    for i = first, #ARGV, #fields do
        local record = {}
        for j, field in ipairs(fields) do
            record[field] = ARGV[i + j - 1]
        end
        records[#records + 1] = record
    end
    return records
end

-- Return the values of a record in the order of its fields.
local function values_of(record, fields)
    local values = {}
    for i, field in ipairs(fields) do
        values[i] = record[field]
    end
    return values
end
