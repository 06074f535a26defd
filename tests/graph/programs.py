"""The programs whose graphs are golden texts: every computation of the tutorials, and some of our own."""

from __future__ import annotations

from typing import NamedTuple


class Case(NamedTuple):
    name: str
    program: str
    at: str
    wrt: str | None = None


TUTORIALS = (
    Case("slope_of_a_line", "y = m*x + c", "x=3,m=4,c=5", "x"),
    Case("homework_polynomial", "2*x**5 + 4*x**4 + 8*x**3 + 16*x**2 + 32*x + 64", "x=2"),
    Case("vector_and_sum", "y = x**2; z = y + 5; l = sum(z)", "x=linspace(-5, 5, 21)"),
    Case("polynomial", "y = x**4 + 3*x**3 + 3*x**2 + 5*x + 1", "x=1"),
    Case("two_layers_and_a_mean", "y = 2*x + 1; z = y**2; o = z.mean()", "x=[[1,2,3],[3,2,1]]"),
    Case("tracking_turned_off", "detach(x**2)*x", "x=3"),
    Case("first_derivative", "x**2", "x=5"),
    Case("square", "y = x**2", "x=2"),
    Case("quadratic", "x**2 + 2*x + 1", "x=2"),
    Case("practice", "2*x**3 + x", "x=1"),
    Case("custom_function", "sq(i) = i**2; sq'(i) = 2*i; sq(x)", "x=2"),
    Case("custom_backward_that_forgets", "sq(i) = i**2; sq'(i, g) = 2*i; 3*sq(x)", "x=2"),
    Case("partial_derivatives", "f = u*v + u**2", "u=1,v=2"),
    Case("sum_trick", "sum(x**2)", "x=linspace(-10, 10, 10)"),
    Case("relu_of_many", "Y = torch.relu(x); Y.sum()", "x=linspace(-10, 10, 1000)"),
    Case("partial_by_u", "f = u*v + (u*v)**2", "u=2,v=1", "u"),
)

OURS = (
    Case("neuron", "z = w*x + b; y = tanh(z); (y - 1)**2", "w=0.5,x=2,b=-1"),
    Case("shared_intermediate", "y = sin(x); y*y + exp(y)", "x=0.5"),
    Case("least_squares", "r = A@x - b; r@r", "A=[[1,2],[3,4],[5,6]],b=[1,0,1],x=[0.5,-1]", "x"),
    Case("two_layers", "h = tanh(W@x); sum(h**2)", "W=[[1,-1],[0.5,2]],x=[0.1,0.2]"),
    Case("softmax", "s = softmax(x); -log(s[1])", "x=[1,2,3]"),
    Case("where_both_branches", "where(x > 0, sqrt(x), -x)", "x=4"),
    Case("nan_from_the_other_branch", "where(x > 0, sqrt(x), 0)", "x=-1"),
    Case("nothing_flows", "floor(x) + sign(x)", "x=1.5"),
    Case("constants_alone", "sin(pi/2) + 1", ""),
    Case("derivative_inside", "diff(x**3*y, x)*y", "x=2,y=5"),
    Case("list_of_outputs", "[u*v, u + v]", "u=2,v=3"),
    Case("broadcast", "x*s + b", "x=[[1,2],[3,4]],s=2,b=[1,-1]"),
    Case("indexing", "x[0]*x[-1] + sum(x[1:3])", "x=[1,2,3,4]"),
    Case("by_an_intermediate", "y = x**2; z = y + 5; 3*z", "x=2", "y"),
    Case("function_of_the_program", "sq(i) = i*i; sq(x) + sq(y + 1)", "x=2,y=3"),
    Case("hand_written_by_two", "f(a, b) = a*b; f'(a, b, g) = [g*b, g*a]; f(x, y)**2", "x=2,y=3"),
    Case("many_arguments", "max(x, 2, y)", "x=1,y=3"),
    Case("rule_of_gradcli", "lambertw(x) + erfcx(x)", "x=1"),
    Case("infinite", "1/x + log(x)", "x=0"),
    Case("unused_statement", "y = x**2; z = 3*y; y + 1", "x=2"),
    Case("matrix_calculus", "log(det(A)) + trace(inv(A))", "A=[[2,1],[2,3]]"),
    Case("logistic_loss", "p = sigmoid(X@w); -mean(t*log(p) + (1 - t)*log(1 - p))",
         "X=[[1,2],[3,-1],[0,1]],w=[0.1,-0.2],t=[1,0,1]", "w"),
)  # fmt: skip

CASES = (*TUTORIALS, *OURS)
