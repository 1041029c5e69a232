"""python -m openrlhf.cli.train_ppo_ray --reward.remote_url openrlhf_reward.py --data.label_key label ...   (0.11)

Or a server of its own: rewardkit serve --port 5000 --remember 1000, and --reward.remote_url http://localhost:5000/get_reward
"""

from rewardkit_trainers.openrlhf import rewarding

reward_func = rewarding(guards=True, deadline=10, remember=1000, undecided=0.0)
