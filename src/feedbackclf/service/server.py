"""The web server: it listens, minds signals, and stops without losing what it accepted."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

import uvicorn

from feedbackclf.errors import FeedbackError, UsageError
from feedbackclf.service.app import make_app
from feedbackclf.service.gate import Gate
from feedbackclf.service.logs import LOGGER
from feedbackclf.service.state import Service

LAST_CALL = 1.0
"""Seconds in which a stopping server still answers on connections that are open, and says that it closes them: a client
may be sending its next request just then."""
BACKLOG = 1024
"""Connections that wait to be accepted."""
IDLE_SECONDS = 30
"""How long a connection may be without a request, or with one whose head is not complete."""
SWITCH_SECONDS = 0.0005
"""How long the thread of the model keeps the interpreter when the one that answers wants it."""
GARBAGE = 20_000
"""New objects until Python looks for garbage: seldom, but not so seldom that it would take long."""


class Server(uvicorn.Server):
    """A uvicorn server that stops, and loads its model again, when signals say so."""

    def __init__(self, config: uvicorn.Config, service: Service) -> None:
        super().__init__(config)
        self._service = service
        self._loads: set[asyncio.Task[None]] = set()
        self._idle: dict[tuple[Any, Any], float] = {}

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Mind signals. uvicorn's own way would have the process die of the signal in the end, and not exit with 0."""
        if sys.platform == "win32":  # whose loops cannot do more
            with super().capture_signals():
                yield
            return
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._stop)
        loop.add_signal_handler(signal.SIGHUP, self._load_again)
        yield

    def _stop(self) -> None:
        if self.should_exit:  # somebody insists
            self.force_exit = True
        self.should_exit = self._service.stopping = True
        LOGGER.info("stopping: what was accepted is finished first")

    def _load_again(self) -> None:
        task = asyncio.get_running_loop().create_task(self._service.reload())
        self._loads.add(task)  # or nothing would hold it
        task.add_done_callback(self._loads.discard)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to accept, and only then say so."""
        await super().startup(sockets)
        for listening in sockets or []:
            host, port = listening.getsockname()[:2]
            at = f"[{host}]" if ":" in host else host
            LOGGER.info("serving the model %s on http://%s:%d", self._service.model.about["name"], at, port)

    async def on_tick(self, counter: int) -> bool:
        """What uvicorn does ten times a second; once a second it is seen which connections wait for nothing."""
        if counter % 10 == 0:
            self._close_idle()
        return await super().on_tick(counter)

    def _close_idle(self) -> None:
        """uvicorn itself waits without end for the head of a request that has begun to come."""
        now = time.monotonic()
        connections: list[Any] = list(self.server_state.connections)
        last = [(connection, connection.cycle) for connection in connections]
        idle = [key for key in last if key[1] is None or key[1].response_complete]
        self._idle = {key: self._idle.get(key, now) for key in idle}
        for (connection, _), since in self._idle.items():
            if now - since > IDLE_SECONDS:
                connection.transport.close()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Accept nothing more, answer what is on its way, then close."""
        for server in self.servers:
            server.close()
        until = time.monotonic() + LAST_CALL
        while self.server_state.connections and time.monotonic() < until:
            await asyncio.sleep(0.02)
        await super().shutdown(sockets)


def log_stray_error(_: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """Log an error that nobody waited for; asyncio's own way would show values, which may be texts."""
    LOGGER.error("an error that nobody waited for", exc_info=context.get("exception"))


def listen(host: str, port: int) -> socket.socket:
    """A socket that is bound, so that who is told of it can connect.

    Raises:
        UsageError: there is no such host.
        FeedbackError: the port is taken, or not ours to take.
    """
    try:
        found = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP, flags=socket.AI_PASSIVE
        )
        family, kind, protocol, _, address = found[0]
        listening = socket.socket(family, kind, protocol)  # without the protocol, asyncio would not turn delays off
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(address)
        listening.listen(BACKLOG)
        return listening
    except (socket.gaierror, UnicodeError):
        raise UsageError(f"--host {host}: there is no such host") from None
    except OSError as error:
        raise FeedbackError(f"{host}:{port}: cannot be listened on: {error.strerror}; try another --port") from None


def serve(service: Callable[[], Service], listening: socket.socket, *, grace: float, access_log: bool) -> None:
    """Serve until a signal says to stop.

    Args:
        service: makes what is served; it is called when there is an event loop.
        listening: a socket that is bound.
        grace: seconds in which a stopping server finishes what it accepted.
        access_log: whether every request gets a line in the log.
    """

    async def run() -> None:
        asyncio.get_running_loop().set_exception_handler(log_stray_error)
        made = service()
        config = uvicorn.Config(
            Gate(make_app(made), made, access_log=access_log),
            log_config=None,
            access_log=False,
            ws="none",
            server_header=False,
            proxy_headers=False,
            lifespan="on",
            timeout_keep_alive=IDLE_SECONDS,
            timeout_graceful_shutdown=max(1, round(grace)),
        )
        await Server(config, made).serve([listening])

    sys.setswitchinterval(SWITCH_SECONDS)
    gc.freeze()  # what is there now stays, and need not be looked at for garbage
    gc.set_threshold(GARBAGE)
    asyncio.run(run())
