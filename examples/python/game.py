"""The game."""

from __future__ import annotations

GAME = "com.example.game"
PACKAGE = f"/data/local/tmp/{GAME}.apk"
