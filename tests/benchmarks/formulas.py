"""Twenty formulas of engineering with a point each, and five of them with their gradients as somebody writes them in C."""

from __future__ import annotations

from typing import NamedTuple


class Engineering(NamedTuple):
    """A formula, in the language and, where that is another text, as SymPy reads it."""

    name: str
    program: str
    at: dict[str, float]
    sympy: str = ""


D1 = "((log(S/K) + (r + sigma**2/2)*T)/(sigma*sqrt(T)))"
D2 = f"({D1} - sigma*sqrt(T))"

FORMULAS = (
    Engineering("Rosenbrock", "100*(y - x**2)**2 + (1 - x)**2", {"x": -1.2, "y": 1.0}),
    Engineering(
        "Black-Scholes", "d1 = (log(S/K) + (r + sigma**2/2)*T)/(sigma*sqrt(T)); d2 = d1 - sigma*sqrt(T);"
        " S*(1 + erf(d1/sqrt(2)))/2 - K*exp(-r*T)*(1 + erf(d2/sqrt(2)))/2",
        {"S": 100.0, "K": 95.0, "r": 0.03, "sigma": 0.2, "T": 0.75},
        f"S*(1 + erf({D1}/sqrt(2)))/2 - K*exp(-r*T)*(1 + erf({D2}/sqrt(2)))/2",
    ),
    Engineering("van der Waals", "n*R*T/(V - n*b) - a*n**2/V**2",
                {"n": 1.2, "R": 8.314, "T": 300.0, "V": 0.03, "b": 4e-5, "a": 0.14}),
    Engineering(
        "Peng-Robinson", "a = 0.45724*R**2*Tc**2/Pc; b = 0.0778*R*Tc/Pc; alpha = (1 + k*(1 - sqrt(T/Tc)))**2;"
        " R*T/(V - b) - a*alpha/(V**2 + 2*b*V - b**2)",
        {"R": 8.314, "Tc": 304.1, "Pc": 7.38e6, "k": 0.7, "T": 350.0, "V": 1e-3},
        "R*T/(V - 0.0778*R*Tc/Pc) - 0.45724*R**2*Tc**2/Pc*(1 + k*(1 - sqrt(T/Tc)))**2"
        "/(V**2 + 2*(0.0778*R*Tc/Pc)*V - (0.0778*R*Tc/Pc)**2)",
    ),
    Engineering("Antoine", "10**(A - B/(C + T))", {"A": 8.07, "B": 1730.6, "C": 233.4, "T": 80.0}),
    Engineering("Arrhenius", "A*exp(-Ea/(R*T))*ca**n", {"A": 1e7, "Ea": 5e4, "R": 8.314, "T": 350.0, "ca": 0.4, "n": 1.5}),
    Engineering("Haaland", "(-1.8*log((eps/D/3.7)**1.11 + 6.9/Re)/log(10))**(-2)", {"eps": 1e-4, "D": 0.1, "Re": 1e5}),
    Engineering("Sellmeier", "sqrt(1 + B1*x**2/(x**2 - C1) + B2*x**2/(x**2 - C2) + B3*x**2/(x**2 - C3))",
                {"x": 0.6, "B1": 1.04, "B2": 0.23, "B3": 1.01, "C1": 0.006, "C2": 0.02, "C3": 103.6}),
    Engineering("pendulum", "m*l**2*w**2/2 + m*g*l*(1 - cos(q))", {"m": 1.1, "l": 0.8, "w": 2.0, "g": 9.81, "q": 0.6}),
    Engineering("damped oscillation", "A*exp(-b*t)*cos(w*t + p)/sqrt(1 + b**2)",
                {"A": 2.0, "b": 0.1, "t": 3.0, "w": 1.7, "p": 0.4}),
    Engineering("Michaelis-Menten", "V*s/(Km*(1 + i/Ki) + s)", {"V": 2.0, "s": 0.7, "Km": 0.3, "i": 0.2, "Ki": 0.5}),
    Engineering(
        "Hodgkin-Huxley", "an = 0.01*(V + 55)/(1 - exp(-(V + 55)/10)); bn = 0.125*exp(-(V + 65)/80);"
        " an*(1 - n) - bn*n", {"V": -40.0, "n": 0.35},
        "0.01*(V + 55)/(1 - exp(-(V + 55)/10))*(1 - n) - 0.125*exp(-(V + 65)/80)*n",
    ),
    Engineering("Lennard-Jones", "4*eps*((s/r)**12 - (s/r)**6)", {"eps": 0.2, "s": 3.4, "r": 4.1}),
    Engineering("Planck", "2*h*c**2/l**5/(exp(h*c/(l*k*T)) - 1)", {"h": 6.6, "c": 3.0, "l": 5.0, "k": 1.4, "T": 6.0}),
    Engineering("great circle", "2*R*asin(sqrt(sin((b - a)/2)**2 + cos(a)*cos(b)*sin((d - c)/2)**2))",
                {"R": 6371.0, "a": 0.8, "b": 0.9, "c": 0.1, "d": 0.4}),
    Engineering("Manning", "A/n*(A/P)**(2/3)*sqrt(s)", {"A": 3.0, "n": 0.013, "P": 5.5, "s": 0.002}),
    Engineering("beam", "q*L**4*5/(384*Y*b*h**3/12)", {"q": 5.0, "L": 4.0, "Y": 210.0, "b": 0.1, "h": 0.2}),
    Engineering(
        "camera", "X = cos(a)*x - sin(a)*y + tx; Y = sin(a)*x + cos(a)*y + ty; Z = z + tz;"
        " (u - f*X/Z)**2 + (v - f*Y/Z)**2",
        {"a": 0.3, "x": 1.0, "y": 2.0, "z": 5.0, "tx": 0.1, "ty": 0.2, "tz": 0.3, "f": 800.0, "u": 30.0, "v": 350.0},
        "(u - f*(cos(a)*x - sin(a)*y + tx)/(z + tz))**2 + (v - f*(sin(a)*x + cos(a)*y + ty)/(z + tz))**2",
    ),
    Engineering("two compartments", "D/V*ka/(ka - k)*(exp(-k*t) - exp(-ka*t)) + c0*exp(-k*t)",
                {"D": 100.0, "V": 20.0, "ka": 1.1, "k": 0.2, "t": 3.0, "c0": 0.5}),
    Engineering("Matern", "s**2*(1 + sqrt(5)*r/l + 5*r**2/(3*l**2))*exp(-sqrt(5)*r/l)", {"s": 1.3, "r": 0.7, "l": 0.9}),
)  # fmt: skip

# The gradient of five of them as somebody writes it who takes care: what recurs is computed once.
BY_HAND = {
    "Rosenbrock": """
        double a = y - x*x, b = 1 - x;
        g[0] = -400*a*x - 2*b; g[1] = 200*a;
        return 100*a*a + b*b;""",
    "van der Waals": """
        double w = V - n*b, p = n*R*T/w, q = n/V, aq = a*q;
        g[0] = p/n + p*b/w - 2*aq/V; g[1] = p/R; g[2] = p/T; g[3] = -p/w + 2*aq*q/V; g[4] = p*n/w; g[5] = -q*q;
        return p - aq*q;""",
    "damped oscillation": """
        double s = 1 + b*b, h = exp(-b*t)/sqrt(s), phase = w*t + p, c = cos(phase), d = A*h*sin(phase), f = A*h*c;
        g[0] = h*c; g[1] = -f*t - f*b/s; g[2] = -b*f - w*d; g[3] = -t*d; g[4] = -d;
        return f;""",
    "Michaelis-Menten": """
        double u = 1 + i/Ki, d = Km*u + s, f = V*s/d, q = f/d;
        g[0] = s/d; g[1] = V/d - q; g[2] = -q*u; g[3] = -q*Km/Ki; g[4] = q*Km*i/(Ki*Ki);
        return f;""",
    "two compartments": """
        double e1 = exp(-k*t), e2 = exp(-ka*t), w = ka - k, c = D/V/w, p = c*ka, d = e1 - e2, f = p*d;
        g[0] = f/D; g[1] = -f/V; g[2] = c*d - f/w + p*t*e2; g[3] = f/w - p*t*e1 - c0*t*e1;
        g[4] = p*(ka*e2 - k*e1) - c0*k*e1; g[5] = e1;
        return f + c0*e1;""",
}
