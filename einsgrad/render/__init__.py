"""Rendering programs for people to read."""
