package infra

import (
	"strings"

	"github.com/rendergate/rendergate/render/manifest"
)

// StorageOf is whether what a StorageClass of EBS makes is unencrypted; false
// for other classes.
func StorageOf(o *manifest.Object) (Setting, bool) {
	if o.GroupKind() != "storage.k8s.io/StorageClass" {
		return Setting{}, false
	}
	provisioner := o.Root.Get("provisioner").Text()
	if provisioner != "ebs.csi.aws.com" && provisioner != "ebs.csi.eks.amazonaws.com" && provisioner != "kubernetes.io/aws-ebs" {
		return Setting{}, false
	}
	at := o.Root.Get("parameters", "encrypted")
	return mended(at, !strings.EqualFold(at.Text(), "true") && !Unknown(at.Text()), `"true"`), true
}
