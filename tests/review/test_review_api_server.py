"""The server of the API: what its socket must be like."""

import socket
import threading

from fastapi import FastAPI

from winnow.review.api_server import ApiServer


def test_replies_do_not_wait_for_the_client_s_delayed_ack() -> None:
    with ApiServer(FastAPI(), "127.0.0.1", 0, threading.Event()) as server:
        assert server._socket.proto == socket.IPPROTO_TCP, "asyncio sets TCP_NODELAY only where it knows the protocol"
