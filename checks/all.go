package checks

// All lists every check, sorted by id; a test guards both.
var All = []*Check{
	privilegedContainer,
}
