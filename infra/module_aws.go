package infra

import "github.com/rendergate/rendergate/render/manifest"

// machineModule says that an object calls a module of the registry that makes
// machines. Its majors differ in whether tokens are required by default: only
// what it is told counts.
func machineModule(o *manifest.Object) bool {
	return moduleFrom(o, "terraform-aws-modules/ec2-instance/aws") || moduleFrom(o, "terraform-aws-modules/autoscaling/aws")
}

func machineModuleNodes(o *manifest.Object) []Node {
	if !machineModule(o) {
		return nil
	}
	options := block(o.Root, "metadata_options")
	n := Node{
		Metadata: explicit(options.Get("http_tokens"), notRequired, "required").depending(options.Get("http_endpoint")),
		Hops:     explicit(options.Get("http_put_response_hop_limit"), far, "1"),
		PublicIP: explicit(o.Root.Get("associate_public_ip_address"), isTrue, "false"),
		SSHKey:   explicit(o.Root.Get("key_name"), named, `""`),
	}
	if options.Get("http_endpoint").Text() == "disabled" {
		n.Metadata, n.Hops = Setting{}, Setting{}
	}
	for network := range o.Root.Get("network_interfaces").Items() {
		n.PublicIP = explicit(network.Get("associate_public_ip_address"), isTrue, "false")
	}
	disk := block(o.Root, "root_block_device").Get("encrypted")
	n.Disks = append(moduleDisks(o.Root), explicit(disk, isFalse, "true").about("root"))
	return []Node{n}
}

// clustersOfModules, nodesOfModules and loginsOfModules read the calls of the registry's
// modules, each those of its own.
func clustersOfModules(o *manifest.Object) Cluster {
	for _, read := range []func(*manifest.Object) Cluster{terraformEKSModule, cloudposseCluster, gkeModuleCluster, aksModuleCluster} {
		if c := read(o); c.Kind != "" {
			return c
		}
	}
	return Cluster{}
}

func nodesOfModules(o *manifest.Object) []Node {
	var all []Node
	for _, read := range []func(*manifest.Object) []Node{terraformEKSNodes, gkeModuleNodes, aksModuleNodes, machineModuleNodes, networkModuleNodes, cloudposseNodes} {
		all = append(all, read(o)...)
	}
	return all
}

func loginsOfModules(o *manifest.Object) Logins {
	if moduleFrom(o, aksModule) {
		return aksLogins(o) // its inputs are called as the resource's fields
	}
	return gkeModuleLogins(o)
}

// cloudInit reads the parts of user data that a module puts together.
func cloudInit(o *manifest.Object) []StartUp {
	s := startUpOf(o)
	for part := range o.Root.Get("part").Items() {
		s.addScriptOf(part.Get("content"))
	}
	return []StartUp{s}
}
