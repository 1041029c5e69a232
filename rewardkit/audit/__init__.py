"""May this reward be trained on? How often it lets wrong responses through, and what a GRPO run makes of that."""
