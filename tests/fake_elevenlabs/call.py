"""The WebSocket of a call."""

from aiohttp import web

routes = web.RouteTableDef()
