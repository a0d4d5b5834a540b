"""Drawn pictures of what photographs lack: pages, screens, nights, faces and more."""
