package checks

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/ProtonMail/go-crypto/openpgp"
	"github.com/ProtonMail/go-crypto/openpgp/clearsign"
	sigsyaml "sigs.k8s.io/yaml"

	"github.com/rendergate/rendergate/render/manifest"
)

var chartProvenanceBroken = &Check{
	ID:       "chart-provenance-broken",
	Title:    "Chart archive is not what its provenance file vouches for",
	Severity: High,
	Topic:    Components,
	Since:    "0.2.0",
	Why:      "The .prov file beside an archive names the archive's SHA-256 and is signed by who packed it. An archive of another sum was replaced, and a signature of an unknown key vouches for nothing.",
	Fix:      "Fetch both files again from their publisher, with `helm pull --prov`, and look at what differs. `dependencies.keyring` of .rendergate.yaml names the keys that count.",
	Source:   "Helm documentation, Helm Provenance and Integrity; SLSA, verifying artifacts",
	Bad:      provenanceExample("bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb # want"),
	Good:     provenanceExample("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"),
	NearMiss: `apiVersion: helm.sh/v2
kind: VendoredChart
metadata: {name: redis}
chart: shop
name: redis
version: 20.0.0
`,
	Run: func(p *Pass) {
		if p.Object.GroupKind() != "helm.sh/Provenance" {
			return
		}
		signed, err := readProvenance(p.Object)
		if err != nil {
			p.Report(p.Object.Root.Get("text"), manifest.Subject{Class: "unreadable"}, "the provenance file of %s cannot be read: %v", nameOf(p.Object.Root, "archive"), err)
			return
		}
		archive, sum := nameOf(p.Object.Root, "archive"), p.Object.Root.Get("sha256")
		switch named, listed := signed.sums[archive]; {
		case !listed:
			p.Report(sum, manifest.Subject{Class: "sum"}, "the provenance file vouches for %s, not for %s", orNothing(strings.Join(signed.names(), ", ")), archive)
		case named != "sha256:"+sum.Text():
			p.Report(sum, manifest.Subject{Class: "sum"}, "%s has the SHA-256 %s, and its provenance file vouches for %s: it was replaced", archive, sum.Text(), strings.TrimPrefix(named, "sha256:"))
		}
		if keys := p.Settings.Keyring; len(keys) > 0 {
			if _, err := openpgp.CheckDetachedSignature(keys, bytes.NewReader(signed.block.Bytes), signed.block.ArmoredSignature.Body, nil); err != nil {
				p.Report(p.Object.Root.Get("text"), manifest.Subject{Class: "signature"}, "the provenance file of %s is not signed by a key of the keyring: %v", archive, err)
			}
		}
	},
}

// provenanceExample is a provenance file beside an archive of a sum.
func provenanceExample(sum string) string {
	return "apiVersion: helm.sh/v2\nkind: Provenance\nmetadata: {name: redis}\narchive: redis-20.0.0.tgz\nsha256: " + sum + "\ntext: |\n" + signedExample
}

// signedExample was made for the tests, with a key that nobody has any more.
const signedExample = `  -----BEGIN PGP SIGNED MESSAGE-----
  Hash: SHA256

  name: redis
  version: 20.0.0

  ...
  files:
    redis-20.0.0.tgz: sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa

  -----BEGIN PGP SIGNATURE-----

  wqsEARYIAF0FgmlVuQAJECeFQYmF/XzxNRQAAAAAABwAEHNhbHRAbm90YXRpb25z
  Lm9wZW5wZ3Bqcy5vcmcDPdOzX+nUmxG8Y3syzslWFiEEdC65T6aCDOw1HjHSJ4VB
  iYX9fPEAAJNlAQCFyWehfrl12xT0rBbLxaV15fSc4S3ubwrr16L0yCqrPwEAxHjX
  zYid1c66L7cpuoS7yorLa7IR3z/BftsbfKs7oA8=
  -----END PGP SIGNATURE-----
`

// provenance is a provenance file as it is written: its signature is not judged.
type provenance struct {
	block *clearsign.Block
	sums  map[string]string // by the name of an archive
}

func (p provenance) names() []string {
	var all []string
	for name := range p.sums {
		all = append(all, name)
	}
	slices.Sort(all)
	return all
}

// readProvenance takes a file apart as helm does.
// Source: helm, pkg/provenance, parseMessageBlock.
func readProvenance(o *manifest.Object) (provenance, error) {
	block, _ := clearsign.Decode([]byte(o.Root.Get("text").Text()))
	if block == nil {
		return provenance{}, errors.New("it holds no signed message")
	}
	_, listed, found := bytes.Cut(block.Plaintext, []byte("\n...\n"))
	if !found {
		return provenance{}, errors.New("it lists no archives")
	}
	var sums struct {
		Files map[string]string `json:"files"`
	}
	if err := sigsyaml.Unmarshal(listed, &sums); err != nil {
		return provenance{}, fmt.Errorf("its list of archives is no YAML: %w", err)
	}
	return provenance{block, sums.Files}, nil
}
