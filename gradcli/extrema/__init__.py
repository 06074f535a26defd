"""The extreme points of a function over an interval or a rectangle: all of them, or what could not be excluded."""
