"""Adapters that hand rewardkit's rewards to RL trainers; one module per framework."""
