package checks

// restrictedVolumes are the kinds of volumes beyond the restricted standard. A
// hostPath is host-path's.
var restrictedVolumes = []string{
	"gcePersistentDisk", "awsElasticBlockStore", "gitRepo", "nfs", "iscsi", "glusterfs", "rbd", "flexVolume", "cinder", "cephfs", "flocker", "fc",
	"azureFile", "vsphereVolume", "quobyte", "azureDisk", "photonPersistentDisk", "portworxVolume", "scaleIO", "storageos",
}

var volumeType = &Check{
	ID:       "volume-type",
	Title:    "Pod mounts storage past the cluster's own volumes",
	Severity: Low,
	Topic:    PrivilegedContainers,
	Since:    "0.2.0",
	Why:      "The pod names the server or disk itself, so that no StorageClass, quota or access rule has a say; some of these drivers run as root on the node.",
	Fix:      "Use a PersistentVolumeClaim, or a CSI volume.",
	Source:   "Pod Security Standards, restricted: Volume Types",
	Aliases:  []string{"KSV-0028"},
	Bad: podSpec(plainContainer + `volumes:
  - name: data
    nfs: {server: 10.0.0.1, path: /data} # want
`),
	Good: podSpec(plainContainer + `volumes:
  - name: data
    persistentVolumeClaim: {claimName: data}
`),
	NearMiss: podSpec(plainContainer + `volumes:
  - name: nfs
    csi: {driver: nfs.csi.k8s.io}
  - name: nothing
`),
	Run: func(p *Pass) {
		for pod := range p.Object.Pods() {
			seen := map[string]bool{}
			for volume := range pod.Spec().Items("volumes") {
				for _, kind := range restrictedVolumes {
					if at := volume.Get(kind); at.Set() && !seen[kind] {
						seen[kind] = true
						p.Report(at, pod.Subject().Of(kind), "pods mount a volume of type %s; accepted are claims, CSI, emptyDir and those that the API fills", kind)
					}
				}
			}
		}
	},
}
