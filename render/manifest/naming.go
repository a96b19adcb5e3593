package manifest

// Naming says how a source calls the fields that another one has as well, so that
// one reader serves both: Crossplane those of Terraform.
type Naming struct {
	Name func(asked string) string
	Flat bool // a block is a mapping, and no list of one
}

// Flat says that blocks are no lists where the node stands.
func (n Node) Flat() bool { return n.names != nil && n.names.Flat }

// As is the object as a reader of another kind takes it: its fields stand at a
// node of it, and are called by other names there. Places that are reached
// through it are those of the object itself.
func (o *Object) As(at Node, names *Naming) *Object {
	at.names = names
	return &Object{Ref: o.Ref, GenerateName: o.GenerateName, Origin: o.Origin, Written: o.Written, Address: o.Address, Root: at}
}
