"""Programs of FPBench (fpbench.org), restated: hamming-ch3, herbie, rosa, daisy and fptaylor; of one to three variables.

Each has its name, the program, and the range of each variable: that of its precondition, or a wide one where it has none.
"""

from __future__ import annotations

from typing import NamedTuple


class FpProgram(NamedTuple):
    """One program, and where it is looked at."""

    name: str
    text: str
    over: tuple[str, ...]


def _p(name: str, text: str, *over: str) -> FpProgram:
    return FpProgram(name, text, over)


PROGRAMS = (
    # Hamming, Numerical methods for scientists and engineers, chapter 3
    _p("NMSE example 3.1", "sqrt(x + 1) - sqrt(x)", "x=1e-12:1e12"),
    _p("NMSE example 3.3", "sin(x + eps) - sin(x)", "x=-10:10", "eps=1e-12:1"),
    _p("NMSE example 3.4", "(1 - cos(x))/sin(x)", "x=1e-12:3"),
    _p("NMSE example 3.5", "atan(N + 1) - atan(N)", "N=1:1e12"),
    _p("NMSE example 3.6", "1/sqrt(x) - 1/sqrt(x + 1)", "x=1e-12:1e12"),
    _p("NMSE problem 3.3.1", "1/(x + 1) - 1/x", "x=1e-12:1e12"),
    _p("NMSE problem 3.3.2", "tan(x + eps) - tan(x)", "x=-1.5:1.5", "eps=1e-12:0.01"),
    _p("NMSE problem 3.3.3", "1/(x + 1) - 2/x + 1/(x - 1)", "x=2:1e12"),
    _p("NMSE problem 3.3.4", "(x + 1)**(1/3) - x**(1/3)", "x=1e-12:1e12"),
    _p("NMSE problem 3.3.5", "cos(x + eps) - cos(x)", "x=-10:10", "eps=1e-12:1"),
    _p("NMSE problem 3.3.6", "log(N + 1) - log(N)", "N=1:1e12"),
    _p("NMSE problem 3.3.7", "exp(x) - 2 + exp(-x)", "x=1e-12:10"),
    _p("NMSE p42, positive", "(-b + sqrt(b*b - 4*a*c))/(2*a)", "a=1e-3:1e3", "b=-1e6:1e6", "c=1e-3:1e3"),
    _p("NMSE p42, negative", "(-b - sqrt(b*b - 4*a*c))/(2*a)", "a=1e-3:1e3", "b=-1e6:1e6", "c=1e-3:1e3"),
    _p("NMSE problem 3.2.1, positive", "(-b2 + sqrt(b2*b2 - a*c))/a", "a=1e-3:1e3", "b2=-1e6:1e6", "c=1e-3:1e3"),
    _p("NMSE problem 3.2.1, negative", "(-b2 - sqrt(b2*b2 - a*c))/a", "a=1e-3:1e3", "b2=-1e6:1e6", "c=1e-3:1e3"),
    _p("NMSE example 3.7", "exp(x) - 1", "x=-0.00017:1"),
    _p("NMSE example 3.8", "(N + 1)*log(N + 1) - N*log(N) - 1", "N=6.8e15:1e20"),
    _p("NMSE example 3.9", "1/x - 1/tan(x)", "x=-0.026:0.026"),
    _p("NMSE example 3.10", "log(1 - x)/log(1 + x)", "x=-0.9:0.9"),
    _p("NMSE problem 3.4.1", "(1 - cos(x))/(x*x)", "x=1e-12:10"),
    _p("NMSE problem 3.4.2", "eps*(exp((a + b)*eps) - 1)/((exp(a*eps) - 1)*(exp(b*eps) - 1))", "a=1e-3:10", "b=1e-3:10", "eps=1e-9:1"),
    _p("NMSE problem 3.4.3", "log((1 - eps)/(1 + eps))", "eps=-0.9:0.9"),
    _p("NMSE problem 3.4.4", "sqrt((exp(2*x) - 1)/(exp(x) - 1))", "x=1e-12:10"),
    _p("NMSE problem 3.4.5", "(x - sin(x))/(x - tan(x))", "x=-1.5:1.5"),
    _p("NMSE problem 3.4.6", "(x + 1)**(1/n) - x**(1/n)", "x=1e-3:1e12", "n=1:100"),
    _p("NMSE section 3.5", "exp(a*x) - 1", "a=1e-6:10", "x=1e-6:10"),
    _p("NMSE section 3.11", "exp(x)/(exp(x) - 1)", "x=1e-12:1000"),
    # Herbie
    _p("Complex square root", "0.5*sqrt(2.0*(sqrt(re*re + im*im) + re))", "re=-1e6:1e6", "im=1e-6:1e6"),
    _p("Complex sine and cosine", "0.5*sin(re)*(exp(-im) - exp(im))", "re=-3:3", "im=1e-12:10"),
    # Rosa
    _p("Doppler", "t1 = 331.4 + 0.6*T; -t1*v/((t1 + u)*(t1 + u))", "u=-100:100", "v=20:20000", "T=-30:50"),
    _p("sineOrder3", "0.954929658551372*x - 0.12900613773279798*(x*x*x)", "x=-2:2"),
    _p("Turbine", "3 + 2/(r*r) - 0.125*(3 - 2*v)*(w*w*r*r)/(1 - v) - 4.5", "v=-4.5:-0.3", "w=0.4:0.9", "r=3.8:7.8"),
    _p("JetEngine", "t = 3*x1*x1 + 2*x2 - x1; t2 = 3*x1*x1 - 2*x2 - x1; d = x1*x1 + 1; s = t/d; s2 = t2/d; "
       "x1 + ((2*x1*s*(s - 3) + x1*x1*(4*s - 6))*d + 3*x1*x1*s + x1*x1*x1 + x1 + 3*s2)", "x1=-5:5", "x2=-20:5"),
    # Transcendentals
    _p("pendulum1", "t + 0.01*(w + 0.01/2*(-9.80665/2.0*sin(t)))", "t=-2:2", "w=-5:5"),
    _p("pendulum2", "w + 0.01*(-9.80665/2.0*sin(t + 0.01/2*w))", "t=-2:2", "w=-5:5"),
    _p("analysis1", "sin(x)*sin(x)*cos(x)*cos(x)", "x=-1.57:1.57"),
    _p("analysis2", "1/cos(x)*(1/cos(x))/(4 + tan(x)*tan(x))", "x=-1.1:0.9"),
    _p("logExp", "log(1 + exp(x))", "x=-8:8"),
    # FPTaylor
    _p("intro-example", "t/(t + 1)", "t=1e-3:999"),
    _p("sec4-example", "(x*y - 1)/((x*y)*(x*y) - 1)", "x=1.001:2", "y=1.001:2"),
    _p("test03_nonlin2", "(x + y)/(x - y)", "x=1e-3:1", "y=-1:-0.1"),
    _p("test05_nonlin1, r4", "(x - 1)/(x*x - 1)", "x=1.00001:2"),
    _p("test05_nonlin1, test2", "1/(x + 1)", "x=1.00001:2"),
    _p("test01_sum3", "(x0 + x1 - x2) + (x1 + x2 - x0) + (x2 + x0 - x1)", "x0=1:2", "x1=1:2", "x2=1:2"),
    _p("sqrt_add", "1/(sqrt(x + 1) + sqrt(x))", "x=1:1000"),
    _p("exp1x", "(exp(x) - 1)/x", "x=0.01:0.5"),
    _p("exp1x, wide", "(exp(x) - 1)/x", "x=1e-12:0.5"),
    _p("exp1x_log", "(exp(x) - 1)/log(exp(x))", "x=0.01:0.5"),
    _p("x_by_xy", "x/(x + y)", "x=1:4", "y=1:4"),
    _p("hypot", "sqrt(x1*x1 + x2*x2)", "x1=1:100", "x2=1:100"),
    _p("i4", "sqrt(x + y*y)", "x=0.1:10", "y=-5:5"),
    _p("i6", "sin(x*y)", "x=0.1:10", "y=-5:5"),
    _p("himmilbeau", "a = x1*x1 + x2 - 11; b = x1 + x2*x2 - 7; a*a + b*b", "x1=-5:5", "x2=-5:5"),
    _p("carbonGas", "(3.5e7 + 0.401*(1000/v)*(1000/v))*(v - 1000*42.7e-6) - 1.3806503e-23*1000*300", "v=0.1:0.5"),
    _p("predPrey", "4*x*x/(1 + (x/1.11)*(x/1.11))", "x=0.1:0.3"),
    _p("rigidbody1", "-(x1*x2) - 2*x2*x3 - x1 - x3", "x1=-15:15", "x2=-15:15", "x3=-15:15"),
    _p("rigidbody2", "2*x1*x2*x3 + 3*x3*x3 - x2*x1*x2*x3 + 3*x3*x3 - x2", "x1=-15:15", "x2=-15:15", "x3=-15:15"),
    _p("sine", "x - x*x*x/6.0 + x*x*x*x*x/120.0 - x*x*x*x*x*x*x/5040.0", "x=-1.57:1.57"),
    _p("sqrt", "1.0 + 0.5*y - 0.125*y*y + 0.0625*y*y*y - 0.0390625*y*y*y*y", "y=1e-3:1"),
    _p("verhulst", "4*x/(1 + x/1.11)", "x=0.1:0.3"),
    # Daisy
    _p("carthesianToPolar, theta", "atan(y/x)*(180.0/3.14159265359)", "x=1:100", "y=1:100"),
    _p("polarToCarthesian, x", "radius*cos(theta*(3.14159265359/180.0))", "radius=1:10", "theta=1e-3:360"),
    _p("polarToCarthesian, y", "radius*sin(theta*(3.14159265359/180.0))", "radius=1:10", "theta=1e-3:360"),
)  # fmt: skip
