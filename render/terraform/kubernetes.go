package terraform

import "github.com/rendergate/rendergate/render/manifest"

func (m *module) kubernetes(*block, *manifest.Object) (*manifest.Object, bool) { return nil, false }
