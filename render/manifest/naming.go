package manifest

// Naming says how a source calls the fields that another one has as well, so that
// one reader serves both: Crossplane those of Terraform.
type Naming struct {
	Name func(asked string) string
	Flat bool // what the other source has as a list of one mapping is the mapping
}

// Flat says so of the naming that the node is asked by.
func (n Node) Flat() bool { return n.names != nil && n.names.Flat }

// As is the object as a reader of another kind takes it, named as it is: its fields stand at a
// node of it, and are called by other names there. Places that are reached
// through it are those of the object itself.
func (o *Object) As(kind string, at Node, names *Naming) *Object {
	at.names = names
	seen := &Object{Ref: o.Ref, GenerateName: o.GenerateName, Origin: o.Origin, Written: o.Written, Address: o.Identity(), Root: at}
	seen.APIVersion, seen.Kind = "", kind
	return seen
}
