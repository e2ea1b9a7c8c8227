"""The picture: its viewport, tools, handles, comparison, and the cards that lie on it."""
