"""SkyRL: register the environment where Ray's entry point runs, then train as its examples do.

    python skyrl_main.py environment.env_class=rewardkit data.train_data="['data.parquet']" ...

data.parquet: prompt (messages), env_class "rewardkit", reward_spec.ground_truth (the record as JSON).
"""

import ray
import skyrl_gym


@ray.remote(num_cpus=1)
def entry(config) -> None:
    """The training run."""
    from skyrl.train.entrypoints.main_base import BasePPOExp

    skyrl_gym.register(id="rewardkit", entry_point="rewardkit_trainers.skyrl:Environment")
    BasePPOExp(config).run()


def main() -> None:
    """Read the configuration and start Ray."""
    import sys

    from skyrl.train.config import SkyRLTrainConfig
    from skyrl.train.utils import initialize_ray

    config = SkyRLTrainConfig.from_cli_overrides(sys.argv[1:])
    initialize_ray(config)
    ray.get(entry.remote(config))


if __name__ == "__main__":
    main()
