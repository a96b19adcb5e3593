package fetch

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/Masterminds/semver/v3"
	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/remote/transport"
)

// chartLayers are the media types of a chart's archive in a registry.
var chartLayers = map[string]bool{
	"application/vnd.cncf.helm.chart.content.v1.tar+gzip": true,
	"application/tar+gzip":                                true, // of charts pushed before helm 3.7
}

// fromRegistry obtains a chart from an OCI registry; at is the chart's whole
// location.
func (s *Source) fromRegistry(ctx context.Context, guard *guard, at, version string) (*Archive, error) {
	repository, err := name.NewRepository(strings.TrimPrefix(at, "oci://"), name.StrictValidation)
	if err != nil {
		return nil, err
	}
	options := []remote.Option{remote.WithContext(ctx), remote.WithTransport(guard), remote.WithAuthFromKeychain(guard.logins)}
	tag, err := tagOf(repository, version, options)
	if err != nil {
		return nil, explain(guard.logins, err)
	}
	image, err := remote.Image(tag, options...)
	if err != nil {
		return nil, explain(guard.logins, err)
	}
	manifest, err := image.Manifest()
	if err != nil {
		return nil, err
	}
	for _, layer := range manifest.Layers {
		if chartLayers[string(layer.MediaType)] {
			data, err := s.layer(image, layer)
			return &Archive{Version: strings.ReplaceAll(tag.TagStr(), "_", "+"), Data: data}, err
		}
	}
	return nil, fmt.Errorf("%s is no chart", tag)
}

// Digest asks a registry which content a tag stands for now. A *NotAllowed is a
// registry that nobody allowed.
func (s *Source) Digest(ctx context.Context, image string) (string, error) {
	tag, err := name.ParseReference(image)
	if err != nil {
		return "", err
	}
	if err := s.Allows(image); err != nil {
		return "", err
	}
	logins, err := s.client.Logins()
	if err != nil {
		return "", fmt.Errorf("the logins for registries cannot be read: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, s.client.patience())
	defer cancel()
	guard := &guard{next: s.client.Network, allowed: s.allowed, logins: logins}
	options := []remote.Option{remote.WithContext(ctx), remote.WithTransport(guard), remote.WithAuthFromKeychain(logins)}
	if head, err := remote.Head(tag, options...); err == nil {
		return head.Digest.String(), nil
	}
	got, err := remote.Get(tag, options...) // some registries answer no HEAD
	if err != nil {
		return "", fmt.Errorf("%s tells no digest: %w", tag.Context().RegistryStr(), guard.refusal(explain(logins, err)))
	}
	return got.Digest.String(), nil
}

// InRegistry is the location of an image's repository, which names its registry in
// full, as network.allow names it.
func InRegistry(image string) string {
	at, _, _ := strings.Cut(image, "@")
	if i := strings.LastIndexByte(at, ':'); i > strings.LastIndexByte(at, '/') {
		at = at[:i]
	}
	return "oci://" + at
}

// Allows says that an image may be pulled.
func (s *Source) Allows(image string) error {
	if at := InRegistry(image); !s.allowed.Allows(at) {
		return &NotAllowed{URL: at + "/"}
	}
	return nil
}

// tagOf is the tag of a version, or of the highest that satisfies a constraint.
// Tags cannot have the plus sign of a version; helm writes it as underscore.
func tagOf(repository name.Repository, version string, options []remote.Option) (name.Tag, error) {
	if _, err := semver.StrictNewVersion(version); err == nil {
		return repository.Tag(strings.ReplaceAll(version, "+", "_")), nil
	}
	tags, err := remote.List(repository, options...)
	if err != nil {
		return name.Tag{}, err
	}
	for i := range tags {
		tags[i] = strings.ReplaceAll(tags[i], "_", "+")
	}
	best, err := highest(tags, version)
	return repository.Tag(strings.ReplaceAll(best, "+", "_")), err
}

// layer reads the archive, from the cache where the manifest's digest is known.
func (s *Source) layer(image v1.Image, layer v1.Descriptor) (data []byte, err error) {
	if data, kept := s.cache().get(layer.Digest.Hex); kept {
		return data, nil
	}
	if layer.Size > maxArchive {
		return nil, fmt.Errorf("the chart has %d bytes, more than %d MiB", layer.Size, maxArchive>>20)
	}
	blob, err := image.LayerByDigest(layer.Digest)
	if err != nil {
		return nil, err
	}
	body, err := blob.Compressed()
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, body.Close()) }()
	data, err = io.ReadAll(io.LimitReader(body, maxArchive+1))
	if err != nil {
		return nil, err
	}
	if digestOf(data) != layer.Digest.Hex {
		return nil, fmt.Errorf("the chart has the digest %s, and its manifest says %s: it was tampered with", digestOf(data), layer.Digest.Hex)
	}
	return data, s.cache().put(data)
}

// explain adds what only this program knows of a refused login.
func explain(known Logins, err error) error {
	var refused *transport.Error
	if known.helpers && errors.As(err, &refused) && (refused.StatusCode == http.StatusUnauthorized || refused.StatusCode == http.StatusForbidden) {
		return fmt.Errorf("%w (the login is kept by a credential helper, a program that rendergate does not start: put it into auths of docker's config.json)", err)
	}
	return err
}
