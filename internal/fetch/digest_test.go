package fetch_test

import (
	"errors"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/registry"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/remote"

	"github.com/rendergate/rendergate/internal/fetch"
)

// TestDigest asks a registry on loopback which content a tag stands for.
func TestDigest(t *testing.T) {
	server := httptest.NewServer(registry.New(registry.Logger(log.New(io.Discard, "", 0))))
	defer server.Close()
	host := strings.TrimPrefix(server.URL, "http://")
	tag, err := name.NewTag(host + "/shop/web:1.0")
	if err != nil {
		t.Fatal(err)
	}
	if err := remote.Write(tag, empty.Image); err != nil {
		t.Fatal(err)
	}
	want, err := empty.Image.Digest()
	if err != nil {
		t.Fatal(err)
	}
	prefix, err := fetch.ParsePrefix("oci://" + host)
	if err != nil {
		t.Fatal(err)
	}
	client := &fetch.Client{Network: http.DefaultTransport, Logins: fetch.LoginsFrom(func(string) string { return "" })}
	source := client.From(fetch.Prefixes{prefix})
	if got, err := source.Digest(t.Context(), tag.Name()); err != nil || got != want.String() {
		t.Errorf("%s, %v; want %s", got, err, want)
	}
	if got, err := source.Digest(t.Context(), host+"/shop/web:2.0"); err == nil || got != "" {
		t.Errorf("a tag that is not there has the digest %q", got)
	}
	var refused *fetch.NotAllowed
	if _, err := client.From(nil).Digest(t.Context(), tag.Name()); !errors.As(err, &refused) || refused.URL != "oci://"+host+"/shop/web/" {
		t.Errorf("a registry that nobody allowed: %v", err)
	}
}
