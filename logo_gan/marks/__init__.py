"""Drawings as outlines, distance fields and codes, and the memory that holds them."""
