"""Taylor polynomials: coefficients in balls, exact where they are exact, with a proven remainder over a range."""
