"""What a page sends to the browser, counted where it arrives."""

from playwright.sync_api import Page

VIEW_BOUND = 300_000  # bytes in one view


def count_bytes(page: Page) -> list[int]:
    """Return a cell that counts the bytes that ``page`` is sent over websockets."""
    cell = [0]

    def received(payload: str | bytes) -> None:
        cell[0] += len(payload)

    page.on("websocket", lambda socket: socket.on("framereceived", received))
    return cell
