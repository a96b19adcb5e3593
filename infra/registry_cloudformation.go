package infra

import "github.com/rendergate/rendergate/render/manifest"

func stackECR(o *manifest.Object) Registry {
	spec := o.Root.Get("Properties")
	return Registry{
		Kind: "ECR repository",
		Tags: ecrTags(spec.Get("ImageTagMutability")),
		Scan: scanned(spec.Get("ImageScanningConfiguration", "ScanOnPush")),
		Key:  wanted(spec.Get("EncryptionConfiguration", "KmsKey")),
	}
}

// scanned is the setting of scanning images when they are pushed, off unless it
// says otherwise.
func scanned(at manifest.Node) Setting { return mended(at, !isTrue(at), "true") }
