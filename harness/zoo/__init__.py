"""`make zoo`: let Ringback call receivers that misbehave in every known way, and check that none does harm."""
