package infra

import (
	"strconv"

	"github.com/rendergate/rendergate/render/manifest"
)

// terraformStartUp reads the user data of a machine that Terraform launches, in
// the fields that providers have it in.
func terraformStartUp(o *manifest.Object) []StartUp {
	s := startUpOf(o)
	for _, name := range []string{"user_data", "user_data_base64", "custom_data", "metadata_startup_script"} {
		s.addScriptOf(o.Root.Get(name))
	}
	s.addScriptOf(block(o.Root, "os_profile").Get("custom_data")) // of Azure's older machines
	for _, name := range []string{"startup-script", "user-data"} {
		s.addScriptOf(o.Root.Get("metadata", name))
	}
	return []StartUp{s}
}

// terraformModuleStartUp reads what a call of the module of EKS makes its groups
// of nodes do, in all its majors.
func terraformModuleStartUp(o *manifest.Object) []StartUp {
	if machineModule(o) {
		return terraformStartUp(o)
	}
	if moduleFrom(o, cloudpossePool) {
		s := startUpOf(o)
		for _, field := range []string{"before_cluster_joining_userdata", "after_cluster_joining_userdata"} {
			for _, at := range itemsOf(o.Root.Get(field)) {
				at = at.Known()
				text := shellNames(at.Text()) // put into the module's own script
				s.Scripts = append(s.Scripts, Script{text, at, 0})
				s.Texts = append(s.Texts, Text{field, text, at, 0})
			}
		}
		s.addScriptOf(o.Root.Get("userdata_override_base64"))
		return []StartUp{s}
	}
	var all []StartUp
	for name, group := range moduleGroups(o) {
		s := StartUp{Of: Described(o), Subject: manifest.Subject{Class: name}}
		if name != "" {
			s.Of = "node group " + strconv.Quote(name)
		}
		for _, field := range []string{"pre_bootstrap_user_data", "post_bootstrap_user_data", "additional_userdata", "pre_userdata"} {
			s.addScriptOf(group.Get(field))
		}
		for _, field := range []string{"cloudinit_pre_nodeadm", "cloudinit_post_nodeadm"} {
			for part := range group.Get(field).Items() {
				s.addScriptOf(part.Get("content"))
			}
		}
		all = append(all, s)
	}
	return all
}
