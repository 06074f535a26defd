"""The mistake that is named for a wrong claim, and the sentence that says so."""

from __future__ import annotations

import json
from fractions import Fraction

import pytest

from tests.check.slip_places import false_claims, places_of, problem_of, slip_of
from tests.doors import MISTAKE_RANKS as RANKS
from tests.doors import Arithmetic, Deadline, OutOfTime, likely, rule, table
from tests.doors import mistake_tape as tape_of
from tests.support import ROOT

# fmt: off
SCALARS = (
    ("x**2/(x+1)", "(2*x*(x+1) + x**2)/(x+1)**2", "sign", "sign: in the quotient rule for x**2/(x+1) the two terms are added"),
    ("1-exp(-t/tau)", "t = tau*exp(-t/tau)", "factor", "factor: in the derivative of -t/tau it is multiplied by tau, and not divided"),
    ("k/(T+273.15)", "T = -k/T**2", "stale", "chain rule: the derivative of k/(T+273.15) is taken at T, not at T+273.15"),
    ("max(0, 1-y*w*x)", "w = where(1-y*w*x<0, -y*x, 0)", "rule", "rule: the cases of max(0, 1-y*w*x) are exchanged"),
    ("x**2", "2000*x", "factor", "factor: the derivative is off by a factor of 1000, as between units"),
    ("x**n/(K**n + x**n)", "x = n*x**(n-1)/(K**n + x**n)**2", "factor", "factor: it is the derivative divided by K**n"),
    ("A*exp(-E1/(R*T))", "T = -A*exp(-E1/(R*T))*E1/(R*T)", "factor", "factor: it is minus the derivative times T"),
    ("log(1+exp(b*x))/b", "x = sigmoid(x)", "argument", "argument: in the claim x stands where b*x belongs"),
    ("c**2/2*log(1+(x/c)**2)", "x = x/(1 + (x/c))", "square", "square: in the claim x/c is not squared"),
    ("x**2", "2", "order", "order: it is the second derivative, not the first"),
    ("x**3", "6*x", "order", "order: it is the second derivative, not the first"),
    ("exp(2*x)", "exp(2*x)", "inner", "chain rule: the inner derivative of 2*x, which is 2, is missing"),
    ("sin(x)**2", "2*sin(x)", "inner", "chain rule: the inner derivative of sin(x), which is cos(x), is missing"),
    ("sin(x)**2", "cos(x)**2", "inner", "power rule: the derivative of sin(x)**2 is not a power of the derivative of sin(x)"),
    ("log(5*x)", "1/(5*x)", "inner", "chain rule: the inner derivative of 5*x, which is 5, is missing"),
    ("x/(x+1)", "1", "quotient", "quotient rule: in x/(x+1) the derivatives are divided"),
    ("(x+1)*(x+2)*(x+3)", "(x+2)*(x+3) + (x+1)*(x+3)", "term", "product rule: the term x**2 + 3*x + 2 is missing"),
    ("x*sin(x)", "x*cos(x)", "term", "product rule: the term sin(x) is missing"),
    ("x*sin(x)", "cos(x)", "term", "product rule: the term sin(x) is missing: instead of sin(x) + x*cos(x) the derivatives of x and sin(x) are multiplied"),
    ("x*sin(x)", "sin(x) - x*cos(x)", "sign", "sign: the derivative of sin(x) is cos(x)"),
    ("x*sin(x)", "1 + cos(x)", "term", "product rule: in the derivative of x*sin(x) each term has lost the other factor"),
    ("2*x**3+x", "6*x**2", "term", "sum: the derivative of x, which is 1, is missing"),
    ("sin(x**2)", "cos(2*x)", "inner", "chain rule: sin(x**2) is differentiated at the derivative of x**2, not at x**2"),
    ("sin(x**2)", "cos(x)*2*x", "stale", "chain rule: the derivative of sin(x**2) is taken at x, not at x**2"),
    ("sin(x**2)", "2*x*sin(x**2)", "rule", "rule: the derivative of sin(x**2) is cos(x**2), not sin(x**2)"),
    ("sin(x**2)", "2*x", "rule", "chain rule: the outer derivative, that of sin, is missing in sin(x**2)"),
    ("cos(x)", "sin(x)", "sign", "sign: the derivative of cos(x) is -sin(x)"),
    ("cos(x)", "-cos(x)", "rule", "rule: the derivative of cos(x) is -sin(x), not -cos(x)"),
    ("exp(x)", "x*exp(x-1)", "rule", "rule: the derivative of exp(x) is exp(x), not x*exp(x - 1)"),
    ("3**x", "x*3**(x-1)", "rule", "rule: 3**x is an exponential, no power of 3: the exponent x is not lowered"),
    ("x**x", "x**x", "term", "power with a variable exponent: the term x**x*log(x) is missing"),
    ("sqrt(x)", "1/sqrt(x)", "rule", "rule: the derivative of sqrt(x) is 1/(2*sqrt(x)), not 1/sqrt(x)"),
    ("sqrt(3*x)", "1/(2*sqrt(3*x))", "inner", "chain rule: the inner derivative of 3*x, which is 3, is missing"),
    ("1/x", "-1/x", "square", "quotient rule: in the derivative of 1/x the denominator x is not squared"),
    ("x**-3", "-3*x**-2", "power", "power rule: the exponent of x**-3 is raised, not lowered"),
    ("x**-2", "2*x**-3", "sign", "sign: the exponent of x**-2 is negative, and so is the factor"),
    ("5*x**2", "2*x", "factor", "factor: the factor 5 of 5*x**2 is lost"),
    ("5*x**2", "10*x + x**2", "constant", "constant: the derivative of 5 is 0: in 5*x**2 it is taken for a variable"),
    ("x**2/3", "2*x", "factor", "factor: the division by 3 in x**2/3 is lost"),
    ("x**2/3", "2*x/9", "factor", "factor: the division by 3 in x**2/3 is done twice"),
    ("x**2 + 3*x + 7", "2*x + 3 + 1", "constant", "constant: the derivative of 7 is 0: in x**2 + 3*x + 7 it is taken for a variable"),
    ("atan(2*x)", "1/(1+4*x**2)", "inner", "chain rule: the inner derivative of 2*x, which is 2, is missing"),
    ("tanh(x)", "1 - x**2", "stale", "stale: the derivative of tanh(x) is 1 - tanh(x)**2: the argument x stands where the value tanh(x) belongs"),
    ("tanh(x)", "1 + tanh(x)**2", "rule", "rule: the derivative of tanh(x) is 1 - tanh(x)**2, not 1 + tanh(x)**2"),
    ("sigmoid(x)", "x*(1-x)", "stale", "stale: the derivative of sigmoid(x) is sigmoid(x)*(1 - sigmoid(x)): the argument x stands where the value sigmoid(x) belongs"),
    ("log10(x)", "1/x", "base", "base: the derivative of log10(x) is 1/(x*log(10)), not 1/x"),
    ("log2(x)", "log(2)/x", "base", "base: the derivative of log2(x) is 1/(x*log(2)), not log(2)/x"),
    ("2**x", "2**x", "base", "base: the derivative of 2**x has the factor log(2)"),
    ("exp2(x)", "exp2(x)", "base", "base: the derivative of exp2(x) is exp2(x)*log(2), not exp2(x)"),
    ("tan(x)", "1/cos(x)", "rule", "rule: the derivative of tan(x) is 1 + tan(x)**2, not 1/cos(x)"),
    ("sin(x)", "cos(x)*pi/180", "degrees", "degrees: sin(x) takes radians: no factor of pi/180 belongs to its derivative"),
    ("sin(x*pi/180)", "cos(x*pi/180)", "degrees", "degrees: sin(x*pi/180) takes radians: no factor of pi/180 belongs to its derivative"),
    ("sin(x)*cos(x)", "-cos(x)*sin(x)", "term", "product rule: the term cos(x)**2 is missing: instead of cos(x)**2 - sin(x)**2 the derivatives of sin(x) and cos(x) are multiplied"),
    ("exp(x)*sin(2*x)", "exp(x)*cos(2*x) + exp(x)*sin(2*x)", "inner", "chain rule: the inner derivative of 2*x, which is 2, is missing"),
    ("x*exp(-x)", "exp(-x) + x*exp(-x)", "inner", "chain rule: the inner derivative of -x, which is -1, is missing"),
    ("1/(1+exp(-x))", "exp(x)/(1+exp(-x))**2", "stale", "chain rule: the derivative of exp(-x) is taken at x, not at -x"),
    ("sin(x)/cos(x)", "(cos(x)**2 - sin(x)**2)/cos(x)**2", "sign", "sign: the derivative of cos(x) is -sin(x)"),
    ("x**2/sin(x)", "(2*x*sin(x) - x**2*cos(x))/sin(x)", "square", "quotient rule: the denominator sin(x) is not squared"),
    ("x**2/sin(x)", "2*x/cos(x)", "quotient", "quotient rule: in x**2/sin(x) the derivatives are divided"),
    ("log(x)/x", "(log(x) - 1)/x**2", "quotient", "quotient rule: upside down: the numerator is u'*v - u*v', with u = log(x) and v = x"),
    ("y=x**2; y*sin(y)", "x = 2*x*sin(x**2)", "detached", "detached: no gradient flows through y in sin(y), as if it were detached"),
    ("y=x**2+1; y**3", "x = 3*y**2", "inner", "chain rule: the inner derivative of y, which is 2*x, is missing"),
    ("x**2", "0.66*x*3", "factor", "factor: the derivative is off by a factor of 99/100"),
    ("x**3/3", "1.001*x**2", "rounded", "rounded: the claim has 3 digits right: its decimals are rounded"),
    ("exp(x)/3", "0.3333*exp(x)", "rounded", "rounded: the claim has 4 digits right: its decimals are rounded"),
    ("abs(x)", "1", "rule", "rule: the derivative of abs(x) is sign(x), not 1"),
    ("relu(x)*x", "2*x", "rule", "rule: a case is forgotten: the claim holds on one side of relu(x) only"),
    ("where(x>0, x**2, -x)", "2*x", "rule", "rule: a case is forgotten: the derivative of where(x>0, x**2, -x) is not always that of x**2"),
    ("(2*x+1)**4", "4*(2*x+1)**3", "inner", "chain rule: the inner derivative of 2*x+1, which is 2, is missing"),
    ("(2*x+1)**4", "8*(2*x+1)**4", "power", "power rule: the exponent of (2*x+1)**4 is not lowered"),
    ("(2*x+1)**4", "4*2**3", "inner", "power rule: in the derivative of (2*x+1)**4 stands the derivative of 2*x+1 where 2*x+1 belongs"),
    ("asin(x)", "-1/sqrt(1-x**2)", "sign", "sign: the derivative has the other sign"),
    ("acos(x)", "1/sqrt(1-x**2)", "sign", "sign: the derivative of acos(x) is -1/sqrt(1 - x**2)"),
    ("x**2", "x**3/3", "power", "power rule: x**2 is integrated, not differentiated"),
    ("cosh(x)", "-sinh(x)", "sign", "sign: the derivative has the other sign"),
    ("sinh(x)", "-cosh(x)", "sign", "sign: the derivative has the other sign"),
    ("erf(x)", "exp(-x**2)", "rule", "rule: the derivative of erf(x) is 2*exp(-x**2)/sqrt(pi), not exp(-x**2)"),
    ("lgamma(x)", "gamma(x)*digamma(x)", "rule", "rule: the derivative of lgamma(x) is digamma(x), not gamma(x)*digamma(x)"),
    ("x*log(x)", "log(x)", "term", "product rule: the term 1 is missing"),
    ("x*log(x)", "1/x", "term", "product rule: the term log(x) is missing: instead of log(x) + 1 the derivatives of x and log(x) are multiplied"),
    ("x", "x", "value", "value: it is the function itself, not its derivative"),
    ("x**2 + 1", "x**2+1", "value", "value: it is the function itself, not its derivative"),
    ("pi*x", "x+pi", "constant", "constant: the derivative of pi is 0: in pi*x it is taken for a variable"),
    ("x+pi**2", "1+2*pi", "constant", "constant: the derivative of pi is 0: in pi**2 it is taken for a variable"),
    ("sqrt(x**2+1)", "1/(2*sqrt(x**2+1))", "inner", "chain rule: the inner derivative of x**2+1, which is 2*x, is missing"),
    ("sqrt(x**2+1)", "x/(x**2+1)", "stale", "stale: the derivative of sqrt(x**2+1) is 1/(2*sqrt(x**2 + 1)): the argument x**2+1 stands where the value sqrt(x**2+1) belongs"),
    ("exp(x**2)", "2*exp(x**2)", "power", "power rule: the exponent of x**2 is lowered by 2"),
    ("exp(x**2)", "x**2*exp(x**2-1)*2*x", "rule", "rule: the derivative of exp(x**2) is exp(x**2), not x**2*exp(x**2 - 1)"),
    ("(x**2+1)**(1/2)", "(1/2)*(x**2+1)**(-1/2)", "inner", "chain rule: the inner derivative of x**2+1, which is 2*x, is missing"),
    ("sin(2*x)*cos(3*x)", "cos(2*x)*cos(3*x) - sin(2*x)*sin(3*x)", "inner", "chain rule: the inner derivative of 2*x, which is 2, is missing, there and elsewhere"),
    ("1/(x**2+1)", "2*x/(x**2+1)**2", "sign", "sign: the derivative of 1/(x**2+1) is -1/(x**2 + 1)**2"),
    ("3*x**2-4*x", "6*x+4", "sign", "sign: the derivative of 4*x has the wrong sign in 3*x**2-4*x"),
)

TENSORS = (
    ("sum(c*log_softmax(x))", "x = c/softmax(x)", {"c": (3,), "x": (3,)}, 1, "term", "term: of log_softmax(x) the gradient is g - s*sum(g), with s the softmax: g/s is that of the logarithm alone"),
    ("m=mean(x); s=std(x); sum(c*(x-m)/s)", "x = c/s", {"c": (4,), "x": (4,)}, 1, "detached", "detached: no gradient flows through m and s, as if they were constants"),
    ("sum(relu(W@x)*c)", "x = W.T@(c*where(x>0, 1, 0))", {"x": (2,), "W": (2,2), "c": (2,)}, 1, "stale", "chain rule: the derivative of relu(W@x) is taken at x, not at W@x"),
    ("sum((A@B)**2)", "A = 2*(A@B)*B.T", {"A": (2,2), "B": (2,2)}, 1, "rule", "rule: A@B is a product of matrices: its gradient is one, too, and no product entry by entry"),
    ("norm(A)**2", "A = A/norm(A)", {"A": (2,2)}, 1, "rule", "chain rule: the outer derivative, that of the power, is missing in norm(A)**2"),
    ("trace(A@X@B)", "X = A@B", {"A": (2, 2), "X": (2, 2), "B": (2, 2)}, 1, "transposed", "transposed: in the claim A@B stands where A.T@B.T belongs"),
    ("mean((2*x+1)**2)", "x = 4*(2*x+1)", {'x': (2, 3)}, 1, "size", "size: it is the sum's gradient, not the mean's: in mean((2*x+1)**2) a factor of 1/6, for 6 entries, is missing"),
    ("mean((2*x+1)**2)", "x = 4*(2*x+1)/3", {'x': (2, 3)}, 1, "size", "size: in mean((2*x+1)**2) it is divided by 3, and by 6 would be right"),
    ("mean((2*x+1)**2)", "x = (2*x+1)/3", {'x': (2, 3)}, 1, "inner", "chain rule: the inner derivative of 2*x+1 is missing"),
    ("logsumexp(x)", "x = exp(x)", {'x': (3,)}, 1, "rule", "rule: the gradient of logsumexp(x) is the softmax: the sum of exponentials below is missing"),
    ("norm(x)", "x = x", {'x': (3,)}, 1, "rule", "rule: the gradient of norm(x) is the tensor over its norm, not the tensor"),
    ("norm(x)", "x = x/norm(x)**2", {'x': (3,)}, 1, "square", "square: the gradient of norm(x) is the tensor over its norm, which is not squared"),
    ("sum((A@x-b)**2)", "x = 2*(A@x-b)", {'A': (3, 3), 'x': (3,), 'b': (3,)}, 1, "inner", "chain rule: the inner derivative of A@x-b is missing"),
    ("sum((A@x-b)**2)", "x = 2*A.T@A@x", {'A': (3, 3), 'x': (3,), 'b': (3,)}, 1, "stale", "chain rule: the derivative of (A@x-b)**2 is taken at A@x, not at A@x-b"),
    ("mean((A@x-b)**2)/2", "x = A.T@(A@x-b)", {'A': (3, 2), 'x': (2,), 'b': (3,)}, 1, "size", "size: it is the sum's gradient, not the mean's: in mean((A@x-b)**2) a factor of 1/3, for 3 entries, is missing"),
    ("sum(tanh(W@x)**2)", "x = W.T@(2*tanh(W@x))", {'W': (3, 2), 'x': (2,)}, 1, "rule", "chain rule: the outer derivative, that of tanh, is missing in tanh(W@x)"),
    ("sum(tanh(W@x)**2)", "W = outer(x, 2*tanh(W@x)*(1-tanh(W@x)**2))", {'W': (2, 2), 'x': (2,)}, 1, "transposed", "transposed: the claim is the transpose of the derivative"),
    ("sum(tanh(W@x)**2)", "x = W.T@(2*tanh(W@x)*(1-(W@x)**2))", {'W': (3, 2), 'x': (2,)}, 1, "stale", "stale: the derivative of tanh(W@x) is 1 - tanh(W@x)**2: the argument W@x stands where the value tanh(W@x) belongs"),
    ("x@A@x", "x = A@x", {'A': (3, 3), 'x': (3,)}, 1, "term", "product rule: the term with the derivative of x is missing in the derivative of x@A@x"),
    ("trace(A@B)", "A = B", {'A': (3, 3), 'B': (3, 3)}, 1, "transposed", "transposed: the claim is the transpose of the derivative"),
    ("var(x)", "x = (x-mean(x))/3", {'x': (3,)}, 1, "size", "size: it is the mean's gradient, not the sum's: in var(x) a factor of 1/3, for 3 entries, does not belong"),
    ("var(x)", "x = 2*(x-mean(x))/3", {'x': (3,)}, 1, "size", "size: in var(x) it is divided by 3, and by 2 would be right"),
    ("std(x)", "x = (x-mean(x))/std(x)", {'x': (4,)}, 1, "size", "size: it is the sum's gradient, not the mean's: in std(x) a factor of 1/3, for 3 entries, is missing"),
    ("x/sum(x)", "x = eye(3)/sum(x)", {'x': (3,)}, 1, "term", "quotient rule: the term with the derivative of sum(x) is missing in the derivative of x/sum(x)"),
    ("sum(x*y)", "x = x", {'x': (3,), 'y': (3,)}, 1, "variable", "variable: x*y is differentiated by y, not by x"),
    ("sum(relu(x))", "x = ones(3)", {'x': (3,)}, 1, "rule", "rule: the derivative of relu(x) is where(x > 0, 1, 0), not 1"),
    ("cross_entropy(x, 1)", "x = softmax(x)", {'x': (3,)}, 1, "term", "term: the gradient of cross_entropy(x, 1) is the softmax less 1 at the target: the 1 is missing"),
    ("cross_entropy(x, 1)", "x = [0,1,0]-softmax(x)", {'x': (3,)}, 1, "sign", "sign: the derivative has the other sign"),
    ("sum(x**2)", "x = 2*x/3", {'x': (3,)}, 1, "size", "size: it is the mean's gradient, not the sum's: in sum(x**2) a factor of 1/3, for 3 entries, does not belong"),
    ("[u*v, u+v]", "u = [u, 1]", {}, 1, "variable", "variable: u*v is differentiated by v, not by u"),
    ("y = A@x; y@y", "y = y", {'A': (2, 2), 'x': (2,)}, 1, "term", "product rule: the term with the derivative of y is missing in the derivative of y@y"),
    ("m = mean(x); mean((x-m)**3)", "x = 3*(x-m)**2/4", {'x': (4,)}, 1, "detached", "detached: no gradient flows through m, as if it were detached"),
    ("sum(log(softmax(x)))", "x = 1/softmax(x)", {'x': (3,)}, 1, "inner", "chain rule: the inner derivative of softmax(x) is missing"),
    ("x**3", "x = -6*x", {}, 2, "sign", "sign: the derivative has the other sign"),
    ("x*y**2", "x,y = 2*x", {}, 2, "variable", "variable: it is the derivative by y, not by x"),
    ("sin(x*y)", "x,y = cos(x*y) + x*y*sin(x*y)", {}, 2, "sign", "sign: the derivative of cos(x*y) is -sin(x*y)"),
    ("exp(2*x)", "x = 2*exp(2*x)", {}, 2, "inner", "chain rule: the inner derivative of 2*x, which is 2, is missing"),
    ("exp(2*x)", "x = exp(2*x)", {}, 2, "value", "value: it is the function itself, not a derivative of it"),
    ("x**4", "x = 4*x**3", {}, 2, "order", "order: it is the first derivative, not the second"),
    ("x**4", "x = 12*x**3", {}, 2, "power", "power rule: the exponent of x**3 is not lowered"),
    ("sin(x)", "x = sin(x)", {}, 2, "sign", "sign: the derivative of cos(x) is -sin(x)"),
    ("log(x)", "x = 1/x**2", {}, 2, "sign", "sign: the derivative of 1/x is -1/x**2"),
    ("sum(x**3)", "x = 6*diag(x)/3", {'x': (3,)}, 2, "size", "size: a factor of 1/3, the number of entries: of a sum, or of a mean"),
    ("sum(x**3)", "x = -6*diag(x)", {'x': (3,)}, 2, "sign", "sign: the derivative has the other sign"),
)

BY_HAND = (
    ("sq(i)=i**2; sq'(i, g) = 2*i; 3*sq(x)", {}, "incoming", "sq'(i, g) ignores the incoming gradient g: right alone, wrong inside 3*sq(x)", "sq'(i, g) = 2*i"),
    ("sq(i)=i**2; sq'(i, g) = g*g*2*i; 3*sq(x)", {}, "incoming", "sq'(i, g) multiplies by the incoming gradient g 2 times, and not once", "sq'(i, g) = g*g*2*i"),
    ("sq(i)=i**2; sq'(i) = 2; sq(x)+x", {}, "order", "sq'(i): order: it is the second derivative, not the first", "2"),
    ("t(i)=tanh(i); t'(i,g)=g*(1-i**2); t(x)", {}, "stale", "t'(i, g): stale: the derivative of tanh(i) is 1 - tanh(i)**2: the argument i stands where the value tanh(i) belongs", "g*(1-i**2)"),
    ("t(i)=tanh(i); t'(i,g)=g*(1-tanh(i)); t(2*x)", {}, "rule", "t'(i, g): rule: the derivative of tanh(i) is 1 - tanh(i)**2, not 1 - tanh(i)", "g*(1-tanh(i))"),
    ("p(a,b)=a*b; p'(a,b,g)=[g*a, g*b]; p(x,y)", {}, "variable", "p'(a, b, g), by a: variable: a*b is differentiated by b, not by a", "g*a"),
    ("e(i)=exp(i); e'(i,g)=g*i; e(x)*x", {}, "stale", "e'(i, g): stale: the derivative of exp(i) is exp(i): the argument i stands where the value exp(i) belongs", "g*i"),
    ("s(i)=1/(1+exp(-i)); s'(i,g)=g*i*(1-i); s(x)", {}, "stale", "s'(i, g): stale: the argument i stands where the value 1/(1+exp(-i)) belongs", "g*i*(1-i)"),
    ("f(i)=i**2; f'(i,g)=-2*g*i; h(i)=sin(i); h'(i,g)=g*cos(i); f(h(x))", {}, "sign", "f'(i, g): sign: the derivative has the other sign", "-2*g*i"),
    ("sw(i)=i*sigmoid(i); sw'(i,g)=g*sigmoid(i); mean(sw(x))", {'x': (3,)}, "term", "sw'(i, g): product rule: the term i*sigmoid(-i)*sigmoid(i) is missing", "g*sigmoid(i)"),
    ("c=3; f(i)=c*i**2; f'(i,g)=g*2*i; f(x)", {}, "factor", "f'(i, g): factor: the factor c of c*i**2 is lost", "g*2*i"),
    ("f(i)=a*i**2; f'(i,g)=g*2*i; f(x)", {}, "detached", "f'(i, g) has no derivative by a, which f uses: no gradient flows to it", "f'(i,g)=g*2*i"),
    ("f(i)=sqrt(i); f'(i,g)=g*0.5/i; f(x)", {}, "stale", "f'(i, g): stale: the derivative of sqrt(i) is 1/(2*sqrt(i)): the argument i stands where the value sqrt(i) belongs", "g*0.5/i"),
    ("f(i)=log(i); f'(i,g)=g/i*0.4343; f(x)", {}, "base", "f'(i, g): base: a factor of 1/log(10) too much; and its decimals are rounded", "g/i*0.4343"),
    ("f(v) = sum(v**2); f'(v, g) = g*v; f(x)", {'x': (3,)}, "power", "f'(v, g): power rule: the exponent of v**2 is lowered without the factor 2", "g*v"),
    ("f(v) = sum(v**2); f'(v, g) = 2*v; 3*f(x)", {'x': (3,)}, "incoming", "f'(v, g) ignores the incoming gradient g: right alone, wrong inside 3*f(x)", "f'(v, g) = 2*v"),
    ("f(v, a) = a*sum(v**2); f'(v, a, g) = [2*a*g*v, -g*sum(v**2)]; b*f(x, 2*b)", {'x': (2,)}, "sign", "f'(v, a, g), by a: sign: the derivative has the other sign", "-g*sum(v**2)"),
)

# No single mistake gives these.
NOTHING = (
    ("2*x**3 + x", "6*x**2 + 1 + x", {}),
    ("1/x", "log(x)", {}),
    ("x**2*sin(3*x)", "2*x*cos(3*x)", {}),  # the product rule, and the inner derivative
    ("sin(cos(x))", "-2*cos(cos(x))*sin(x) + 1", {}),
    ("sin(x) + x**7", "x*tan(x)", {}),
    ("det(A)", "A = inv(A)", {"A": (3, 3)}),  # transposed, and without the determinant
)
# fmt: on

CORPUS = ROOT / "tests" / "corpus" / "claims.jsonl"
ENOUGH = 0.9  # of the corpus
CODES = set(
    "argument inner sign term quotient square power constant degrees base transposed size variable incoming stale"
    " detached factor rule rounded value order".split()
)


@pytest.mark.parametrize("program, claim, code, sentence", SCALARS)
def test_the_slip_of_a_scalar_program_is_named(program, claim, code, sentence):
    slip = slip_of(program, claim)
    assert slip is not None
    assert (slip.code, slip.sentence) == (code, sentence)
    assert slip.span is None or 0 <= slip.span[0] < slip.span[1] <= len(program)


@pytest.mark.parametrize("program, claim, shapes, order, code, sentence", TENSORS)
def test_the_slip_with_tensors_or_of_second_order_is_named(program, claim, shapes, order, code, sentence):
    slip = slip_of(program, claim, shapes, order)
    assert slip is not None
    assert (slip.code, slip.sentence) == (code, sentence)


@pytest.mark.parametrize("program, shapes, code, sentence, shown", BY_HAND)
def test_the_slip_in_a_derivative_by_hand_is_named_and_shown(program, shapes, code, sentence, shown):
    slip = slip_of(program, None, shapes)
    assert slip is not None
    assert (slip.code, slip.sentence) == (code, sentence)
    assert slip.span is not None
    assert program[slice(*slip.span)] == shown


@pytest.mark.parametrize("program, claim, shapes", NOTHING)
def test_nothing_is_named_where_it_would_take_two_slips(program, claim, shapes):
    assert slip_of(program, claim, shapes) is None


def test_the_piece_of_the_program_is_shown():
    program = "exp(x)*sin(2*x + 1)"
    slip = slip_of(program, "exp(x)*sin(2*x + 1) + exp(x)*cos(2*x + 1)")
    assert slip is not None and slip.span is not None
    assert program[slice(*slip.span)] == "sin(2*x + 1)"


def test_the_deadline_is_kept():
    problem = problem_of("x*sin(x)", ["cos(x)"], {}, 1)
    with pytest.raises(OutOfTime):
        likely(problem, problem.claims[0], places_of(problem), Deadline(-1))


def test_too_large_a_program_has_no_slip():
    program = " + ".join(f"sin({i}*x)" for i in range(1, 3_000))
    problem = problem_of(program, ["x"], {}, 1)
    assert likely(problem, problem.claims[0], [{"x": Fraction(1)}, {"x": Fraction(2)}], Deadline(60)) is None


def test_no_place_has_no_slip():
    problem = problem_of("x*sin(x)", ["cos(x)"], {}, 1)
    assert likely(problem, problem.claims[0], [], Deadline(60)) is None


@pytest.mark.parametrize(
    "name, text",
    [(row.name, text) for row in table.ROWS for texts in row.wrong for text in texts],
)
def test_every_wrong_rule_is_wrong(name, text):
    arithmetic = Arithmetic()
    row = table.BY_NAME[name]
    true, wrong = rule(name, 0), tape_of(text)
    assert true is not None
    differ = False
    for x in ("0.3", "0.7", "-0.4", "1.5", "2.5"):
        inputs = {one.name: arithmetic.m.mpf(one.default or x) for one in row.parameters}
        inputs |= {row.parameters[0].name: arithmetic.m.mpf(x), "x": arithmetic.m.mpf(x), "b": arithmetic.m.mpf("3")}
        a = arithmetic.run(true, inputs)[true.output]
        b = arithmetic.run(wrong, inputs)[wrong.output]
        differ = differ or (a is not None and b is not None and abs(a - b) > 1e-6)
    assert differ


@pytest.mark.skipif(not CORPUS.exists(), reason="there is no corpus")
def test_most_slips_of_the_corpus_are_named_right(capsys):
    rows = [json.loads(line) for line in CORPUS.read_text().splitlines()]
    wrong = [row for row in rows if row["slip"]]
    missed = []
    for row in wrong:
        claims = [f"{name} = {formula}" for name, formula in row.get("claim", {}).items()]
        problem = problem_of(row["program"], claims, row.get("shape") or {}, row.get("order") or 1)
        places = places_of(problem)
        claim = next(false_claims(problem, places))
        slip = likely(problem, claim, places, Deadline(60))
        if slip is None or slip.code not in (row["slip"], *row.get("also", ())):
            missed.append((row["id"], row["slip"], slip))
    right = len(wrong) - len(missed)
    with capsys.disabled():
        print(f"\nslips named right: {right} of {len(wrong)} ({100 * right / len(wrong):.1f} %)")
    assert right >= ENOUGH * len(wrong), missed


def test_ranks_are_distinct():
    assert len(set(RANKS)) == len(RANKS)
    assert {row[2] for row in SCALARS} | {row[4] for row in TENSORS} | {row[2] for row in BY_HAND} <= CODES


def test_a_point_beyond_computing_is_left_out():
    problem = problem_of("exp(exp(x))*x", ["exp(exp(x))"], {}, 1)
    places = [{"x": Fraction(10**8)}, *places_of(problem)]
    slip = likely(problem, problem.claims[0], places, Deadline(60))
    assert slip is not None
    assert slip.code == "term"


def test_a_claim_that_is_right_on_one_side_is_called_so():
    slip = slip_of("max(x, 2)*x", "2*x")
    assert slip is not None
    assert slip.sentence == "rule: a case is forgotten: the claim holds on one side of max(x, 2) only"
