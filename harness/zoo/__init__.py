"""`make zoo`: let Ringback call receivers that misbehave in every way there is, and see that none of it harms."""
