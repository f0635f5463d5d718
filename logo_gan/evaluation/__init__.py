"""Measuring: distances between clouds of features, and what is measured with them."""
