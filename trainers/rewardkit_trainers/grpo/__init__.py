"""GRPO on torch and vLLM, small enough to read: `loop` first, then what it names.

config      one pydantic model, from TOML and the command line
data        prompts in a seeded order, and those that are held out
rollout     a group of responses to each prompt, by vLLM in this process or by transformers
reward      the rewards of responses, while others are still being written
advantage   rewards to advantages, and what a group teaches (pure)
loss        log-probabilities, token weights, the clipped objective (pure)
batches     sequences into micro-batches of a token budget (pure)
weights     checkpoints, whole or not at all
watch       trip wires that never enter the reward, and a small audit
"""
