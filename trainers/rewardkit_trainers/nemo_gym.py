"""NeMo-Gym (NeMo-RL, verifiers, axolotl by HTTP): a resources server whose /verify gives rewardkit's reward.

    from rewardkit_trainers.nemo_gym import Server   # in the resources server's app.py

    if __name__ == "__main__":
        Server.run_webserver()

`rewardkit serve` speaks the same schema without NeMo-Gym. A row is the label: a field `label` with a record of any
format that rewardkit reads or a list of specs, or the row's own fields. What has no reward (a judge's failure, an
error, a deadline) is a sample that NeMo-Gym masks, with failure_kind and failure_reason.
"""

from __future__ import annotations

from typing import Any

from nemo_gym.base_resources_server import (
    BaseResourcesServerConfig,
    BaseVerifyRequest,
    BaseVerifyResponse,
    SimpleResourcesServer,
)
from pydantic import ConfigDict

from rewardkit.serve import verified
from rewardkit_trainers.common import scorer


class Config(BaseResourcesServerConfig):  # type: ignore[misc]
    """rewardkit: settings of rewardkit.scoring.Scorer; judge: as `OpenAIJudge` takes it."""

    rewardkit: dict[str, Any] = {}


class Request(BaseVerifyRequest):  # type: ignore[misc]
    """A row of the data set with its response."""

    model_config = ConfigDict(extra="allow")


class Response(BaseVerifyResponse):  # type: ignore[misc]
    """The same with reward and components."""

    model_config = ConfigDict(extra="allow")


class Server(SimpleResourcesServer):  # type: ignore[misc]
    """The resources server."""

    config: Config

    async def verify(self, body: Request) -> Response:
        """The reward of one response."""
        row = body.model_dump(mode="json")
        return Response(**{**row, **await verified(scorer(**self.config.rewardkit), row)})
