"""eda: a parquet of logos becomes an analysis, on the page and from the command line."""
