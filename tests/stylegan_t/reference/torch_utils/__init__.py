"""Stands for the originals' package."""
