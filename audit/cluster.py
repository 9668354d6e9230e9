"""Work done piece by piece on a Dask cluster: the only importer of Dask.

`dask://host:port` is a scheduler that runs already, `dask+tls://host:port` one that is spoken to by TLS (with
certificates as Dask's own configuration says), `dask://local` a cluster of processes on this machine that lives as long
as the block.
Whoever reaches a scheduler can have code run by its workers: it belongs on a network of its own, or behind TLS.

A piece that is lost with its worker is done again by another one. Pieces depend on nothing but what they are made of,
so which worker does them, how often, and in what order changes nothing.
"""

from __future__ import annotations

import asyncio
import pickle
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final, TypeVar

from distributed import Client, KilledWorker, LocalCluster, Security
from distributed.comm.core import CommClosedError, connect

from audit.errors import ClusterError

Task = TypeVar("Task")
Value = TypeVar("Value")

LOCAL: Final = "local"
CONNECT_TIMEOUT_S: Final = 30
TRIES: Final = 4
"""So many workers may be lost with one piece before it is given up."""

_OTHER_CODE: Final = "Error during deserialization of the task graph"
"""How Dask begins to say that the scheduler could not read what it was given."""
_SCHEMES: Final = {"dask": "tcp", "dask+tls": "tls"}


class Cluster:
    """A cluster that is there.

    Attributes:
        address: as it was asked for.
        workers: how many pieces it does at once.
    """

    def __init__(self, address: str, client: Client) -> None:
        self.address: Final = address
        self._client = client

    @property
    def workers(self) -> int:
        """How many pieces are done at once, now."""
        return sum(self._client.ncores().values())

    def each(self, work: Callable[[Task, int], Value], task: Task, count: int) -> list[Value]:
        """What `work` gives of the task for 0…count-1, in this order.

        Args:
            work: a function of a module that the workers have, too; pure.
            task: what it works at; can be pickled. Every worker gets it once.
            count: how many pieces there are.

        Raises:
            ClusterError: the scheduler went away, or a piece was lost with each worker that tried it.
        """
        # as a piece of its own: a copy that is lost with its worker is made again from the scheduler's bytes
        packed = zlib.compress(pickle.dumps(task, protocol=pickle.HIGHEST_PROTOCOL), level=1)
        told = self._client.submit(_unpacked, packed, pure=False, retries=TRIES)
        pieces = [self._client.submit(work, told, number, pure=False, retries=TRIES) for number in range(count)]
        try:
            return list(self._client.gather(pieces))
        except KilledWorker as error:
            raise ClusterError(self.address, f"a piece was lost with each worker that tried it ({error})") from error
        except (CommClosedError, OSError) as error:
            raise ClusterError(self.address, "the scheduler went away") from error
        except RuntimeError as error:
            if _OTHER_CODE not in str(error):
                raise
            raise ClusterError(self.address, "the scheduler has not the same version of the audit") from error
        finally:
            self._client.cancel([told, *pieces])


@contextmanager
def cluster(address: str, local_workers: int) -> Iterator[Cluster]:
    """The cluster at an address, for the time of the block.

    Args:
        address: as in the module's docstring.
        local_workers: processes of `dask://local`.

    Raises:
        ClusterError: nobody answers, or there is no worker.
    """
    scheme, _, place = address.partition("://")
    if place.strip("/") == LOCAL:
        with (
            LocalCluster(
                n_workers=local_workers,
                threads_per_worker=1,
                processes=True,
                host="127.0.0.1",
                dashboard_address="127.0.0.1:0",
            ) as local,
            Client(local, set_as_default=False) as client,
        ):
            yield Cluster(address, client)
        return
    security = Security() if scheme == "dask+tls" else None
    scheduler = f"{_SCHEMES[scheme]}://{place}"
    try:
        asyncio.run(_greet(scheduler, security))
        client = Client(scheduler, security=security, timeout=CONNECT_TIMEOUT_S, set_as_default=False)
    except (OSError, TimeoutError, ValueError) as error:
        raise ClusterError(address, "no scheduler answers") from error
    with client:
        try:
            client.wait_for_workers(1, timeout=CONNECT_TIMEOUT_S)
        except TimeoutError as error:
            raise ClusterError(address, "the scheduler has no worker") from error
        yield Cluster(address, client)


async def _greet(scheduler: str, security: Security | None) -> None:
    """Connect and part again: a client would wait for ever for who accepts a connection and says nothing."""
    told = {} if security is None else security.get_connection_args("client")
    comm = await asyncio.wait_for(connect(scheduler, timeout=CONNECT_TIMEOUT_S, **told), CONNECT_TIMEOUT_S)
    await comm.close()


def _unpacked(packed: bytes) -> Any:
    return pickle.loads(zlib.decompress(packed))  # noqa: S301  # from the scheduler, which could send any code
