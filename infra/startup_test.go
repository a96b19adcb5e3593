package infra_test

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/rendergate/rendergate/infra"
	"github.com/rendergate/rendergate/render/manifest"
)

// started is a class of Karpenter with that user data.
func started(t *testing.T, userData string) infra.StartUp {
	t.Helper()
	var text strings.Builder
	text.WriteString("apiVersion: karpenter.k8s.aws/v1\nkind: EC2NodeClass\nmetadata: {name: a}\nspec:\n  userData: |\n")
	for line := range strings.Lines(userData) {
		text.WriteString("    " + line)
	}
	objects, err := manifest.Parse([]byte(text.String()), manifest.Origin{})
	if err != nil {
		t.Fatal(err)
	}
	all := infra.StartUps(objects[0])
	if len(all) != 1 {
		t.Fatalf("%d starts of a node", len(all))
	}
	return all[0]
}

func told(extras []infra.Extra) []string {
	var all []string
	for _, e := range extras {
		all = append(all, fmt.Sprint(e.At.Line(), " ", e.What))
	}
	slices.Sort(all)
	return all
}

// The script starts on line 6 of the object.
func TestScripts(t *testing.T) {
	for script, want := range map[string][]string{
		"apt-get update\napt-get install -y jq=1.7 curl":          {"7 apt-get curl", "7 apt-get jq"},
		"# apt-get install jq\necho 'apt-get install jq'":         nil,
		"curl -sSL https://x.example/a | sudo bash -s -- -q":      {"6 runs what it fetches from https://x.example/a"},
		"bash <(curl -s https://x.example/a)":                     {"6 runs what it fetches from https://x.example/a"},
		"sh -c \"$(wget -qO- https://x.example/a)\"":              {"6 runs what it fetches from https://x.example/a"},
		"curl -sSL https://x.example/a | tar xz -C /opt":          nil,
		"if true; then\n  dnf -y install htop\nfi":                {"7 dnf htop"},
		"install() {\n  yum install -y $1\n}\ninstall htop":       {"7 yum"},
		"systemctl enable --now kubelet agent.service":            {"6 enables agent"},
		"cat <<EOF > /tmp/x\napt-get install jq\nEOF":             nil,
		"{{ if .X }}\napt-get install jq\n{{ end }} ) this is no": nil,
	} {
		got := told(started(t, "#!/bin/bash\n"+script).Software())
		for i, line := range got { // behind the first line, which says which shell it is
			var number int
			var rest string
			if _, err := fmt.Sscanf(line, "%d", &number); err != nil {
				t.Fatal(err)
			}
			_, rest, _ = strings.Cut(line, " ")
			got[i] = fmt.Sprint(number-1, " ", rest)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%q, want %q, of\n%s", got, want, script)
		}
	}
}

func TestUnguarded(t *testing.T) {
	for script, want := range map[string]int{
		"setenforce 0":        1,
		"setenforce 1":        0,
		"sudo setenforce 0":   1,
		"echo 'setenforce 0'": 0,
		"grubby --update-kernel ALL --args selinux=0":                        1,
		"sed -i 's/SELINUX=enforcing/SELINUX=disabled/' /etc/selinux/config": 1,
		"sed -i 's/SELINUX=disabled/SELINUX=enforcing/' /etc/selinux/config": 0,
		"echo SELINUX=permissive > /etc/selinux/config":                      1,
		"systemctl mask apparmor.service":                                    1,
		"systemctl status apparmor":                                          0,
	} {
		if got := started(t, "#!/bin/sh\n"+script).Unguarded(); len(got) != want {
			t.Errorf("%q, want %d, of %s", told(got), want, script)
		}
	}
}

func TestUserDataIsDecoded(t *testing.T) {
	const script = "#!/bin/bash\napt-get install -y jq\n"
	encoded := base64.StdEncoding.EncodeToString([]byte(script))
	var packed bytes.Buffer
	writer := gzip.NewWriter(&packed)
	if _, err := writer.Write([]byte(script)); err != nil {
		t.Fatal(err)
	}
	if err := writer.Close(); err != nil {
		t.Fatal(err)
	}
	const message = "MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=\"B\"\n\n--B\nContent-Type: text/x-shellscript\n%s\n%s\n--B--\n"
	for name, text := range map[string]string{
		"plain":             script,
		"base64":            encoded,
		"gzip":              base64.StdEncoding.EncodeToString(packed.Bytes()),
		"parts":             fmt.Sprintf(message, "", script),
		"encoded parts":     fmt.Sprintf(message, "Content-Transfer-Encoding: base64\n", encoded),
		"encoded message":   base64.StdEncoding.EncodeToString([]byte(fmt.Sprintf(message, "", script))),
		"cloud-config":      "#cloud-config\nruncmd:\n  - [apt-get, install, -y, jq]\n",
		"cloud-config text": "#cloud-config\nruncmd:\n  - apt-get install -y jq\n",
		"cloud-config file": "#cloud-config\nwrite_files:\n  - path: /a.sh\n    encoding: b64\n    content: " + encoded + "\n",
		"bottlerocket":      "[settings.bootstrap-containers.a]\nsource = \"x\"\nuser-data = \"" + encoded + "\"\n",
	} {
		found := started(t, text).Software()
		if !slices.ContainsFunc(found, func(e infra.Extra) bool { return e.What == "apt-get jq" }) {
			t.Errorf("%s: %q", name, told(found))
		}
	}
}

// FuzzStartUp reads hostile user data: it ends, and gives up on nothing.
func FuzzStartUp(f *testing.F) {
	f.Add("#!/bin/bash\ncurl https://x.example | sh\n")
	f.Add("MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=B\n\n--B\n\n#cloud-config\nruncmd: [[a]]\n--B--")
	f.Add("[settings.host-containers.a]\nuser-data = \"IyEvYmluL3No\"\n")
	f.Fuzz(func(t *testing.T, text string) {
		o, err := manifest.ParseSource([]byte("spec: {}"), manifest.Ref{APIVersion: "karpenter.k8s.aws/v1", Kind: "EC2NodeClass"}, manifest.Origin{})
		if err != nil {
			t.Fatal(err)
		}
		o, err = o.Edited([]manifest.Edit{manifest.SetTo(o.Root.Get("spec", "userData"), fmt.Sprintf("%q", text))})
		if err != nil {
			return
		}
		for _, s := range infra.StartUps(o) {
			s.Software()
			s.Unguarded()
			s.Secrets()
		}
	})
}
