package manifest

// Mentions are what names an object in the text that declares it: references of
// which a rendered object keeps nothing, as in outputs, splats and dependencies.
type Mentions struct {
	// Known says that all of that text was read. Where it is false, that nothing
	// is listed says nothing.
	Known bool
	// By are the fields that name the object, of whatever block they stand in.
	By []Reference
}
