"""What is sent in and what is answered, by route; the OpenAPI document is made of these."""
