"""What a plot shows: a function and its derivatives at many points, each judged; no drawing."""
