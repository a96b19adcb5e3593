// Command generate makes small images, a vulnerability database about them, and
// the reports that a real trivy writes about them: what the tests of this package
// read. CI never runs it; the README beside says how to.
package main

import (
	"archive/tar"
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"log"
	"maps"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/aquasecurity/trivy-db/pkg/db"
	"github.com/aquasecurity/trivy-db/pkg/metadata"
	"github.com/aquasecurity/trivy-db/pkg/types"
	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/registry"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	bolt "go.etcd.io/bbolt"
)

// host is fixed, because reports name it.
const host = "127.0.0.1:5055"

// images are what is installed in each.
var images = map[string]map[string]string{
	"shop/web:1.0": {"musl": "1.2.4-r2", "busybox": "1.36.1-r15", "openssl": "3.1.4-r0"},
	"shop/web:1.1": {"musl": "1.2.4-r2", "busybox": "1.36.1-r19", "openssl": "3.1.4-r2", "curl": "8.5.0-r0"},
	"shop/web:1.2": {"musl": "1.2.4-r3", "busybox": "1.36.1-r19", "openssl": "3.1.4-r6", "curl": "8.9.0-r0"},
	"shop/db:1.0":  {"musl": "1.2.4-r2"},
}

// releases are of Alpine Linux: the first is out of support.
var releases = []string{"3.19", "3.23"}

type advisory struct{ id, pkg, fixed, severity string }

// advisories are made up; their ids are in a range that nobody assigns.
var advisories = []advisory{
	{"CVE-2099-0001", "openssl", "3.1.4-r1", "CRITICAL"},
	{"CVE-2099-0002", "openssl", "3.1.4-r5", "HIGH"},
	{"CVE-2099-0003", "busybox", "1.36.1-r16", "MEDIUM"},
	{"CVE-2099-0004", "musl", "1.2.4-r3", "LOW"},
	{"CVE-2099-0005", "curl", "8.6.0-r0", "CRITICAL"},
	{"CVE-2099-0006", "curl", "8.7.0-r0", "HIGH"},
	{"CVE-2099-0007", "curl", "8.8.0-r0", "UNKNOWN"},
}

func main() {
	trivy := flag.String("trivy", "trivy", "the scanner")
	out := flag.String("out", "../trivy", "where the reports go")
	flag.Parse()
	if err := run(*trivy, *out); err != nil {
		log.Fatal(err)
	}
}

func run(trivy, out string) error {
	listener, err := net.Listen("tcp", host)
	if err != nil {
		return err
	}
	go http.Serve(listener, registry.New(registry.Logger(log.New(io.Discard, "", 0))))
	cache, err := os.MkdirTemp("", "trivy-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(cache)
	if err := database(filepath.Join(cache, "db")); err != nil {
		return err
	}
	for image, packages := range images {
		if err := push(image, packages); err != nil {
			return err
		}
	}
	for image := range images {
		file := strings.NewReplacer("/", "-", ":", "-").Replace(image)
		for format, ending := range map[string]string{"json": "json", "sarif": "sarif"} {
			cmd := exec.Command(trivy, "image", "--quiet", "--cache-dir", cache, "--skip-db-update", "--skip-java-db-update", "--offline-scan",
				"--format", format, "--scanners", "vuln", "--image-src", "remote", "--output", filepath.Join(out, file+"."+ending), "--", host+"/"+image)
			cmd.Stderr = os.Stderr
			if err := cmd.Run(); err != nil {
				return fmt.Errorf("%v: %w", cmd.Args, err)
			}
		}
	}
	return nil
}

func database(dir string) error {
	if err := db.Init(dir); err != nil {
		return err
	}
	c := db.Config{}
	err := c.BatchUpdate(func(tx *bolt.Tx) error {
		for _, release := range releases {
			if err := put(c, tx, "alpine "+release); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	if err := db.Close(); err != nil {
		return err
	}
	now := time.Now().UTC()
	data, err := json.Marshal(metadata.Metadata{Version: db.SchemaVersion, UpdatedAt: now, NextUpdate: now.AddDate(1, 0, 0), DownloadedAt: now})
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, "metadata.json"), data, 0o644)
}

func put(c db.Config, tx *bolt.Tx, release string) error {
	if err := c.PutDataSource(tx, release, types.DataSource{ID: "alpine", Name: "Alpine Secdb", URL: "https://secdb.alpinelinux.org/"}); err != nil {
		return err
	}
	for _, a := range advisories {
		if err := c.PutAdvisory(tx, []string{release, a.pkg}, a.id, types.Advisory{FixedVersion: a.fixed}); err != nil {
			return err
		}
		severity := types.SeverityUnknown
		for i, word := range types.SeverityNames {
			if word == a.severity {
				severity = types.Severity(i)
			}
		}
		v := types.Vulnerability{Title: a.pkg + ": made up for a test", Severity: severity.String()}
		if err := c.PutVulnerability(tx, a.id, v); err != nil {
			return err
		}
	}
	return nil
}

func push(image string, packages map[string]string) error {
	var installed strings.Builder
	for _, name := range slices.Sorted(maps.Keys(packages)) {
		fmt.Fprintf(&installed, "P:%s\nV:%s\nA:x86_64\no:%s\nL:MIT\n\n", name, packages[name], name)
	}
	release := releases[1]
	if strings.HasPrefix(image, "shop/db:") {
		release = releases[0]
	}
	layer, err := layerOf(map[string]string{
		"etc/os-release":       "NAME=\"Alpine Linux\"\nID=alpine\nVERSION_ID=" + release + ".1\n",
		"etc/alpine-release":   release + ".1\n",
		"lib/apk/db/installed": installed.String(),
	})
	if err != nil {
		return err
	}
	img, err := mutate.AppendLayers(empty.Image, layer)
	if err != nil {
		return err
	}
	config, err := img.ConfigFile()
	if err != nil {
		return err
	}
	config.OS, config.Architecture = "linux", "amd64"
	if img, err = mutate.ConfigFile(img, config); err != nil {
		return err
	}
	ref, err := name.ParseReference(host + "/" + image)
	if err != nil {
		return err
	}
	return remote.Write(ref, img)
}

func layerOf(files map[string]string) (v1.Layer, error) {
	var data bytes.Buffer
	w := tar.NewWriter(&data)
	for _, name := range slices.Sorted(maps.Keys(files)) {
		text := files[name]
		if err := w.WriteHeader(&tar.Header{Name: name, Size: int64(len(text)), Mode: 0o644, Typeflag: tar.TypeReg}); err != nil {
			return nil, err
		}
		if _, err := w.Write([]byte(text)); err != nil {
			return nil, err
		}
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return tarball.LayerFromOpener(func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(data.Bytes())), nil })
}
