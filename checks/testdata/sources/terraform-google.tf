# Machines, firewalls and trust of Google Cloud.
resource "google_compute_instance" "bastion" { # want node-unshielded
  name = "bastion"
  network_interface {
    access_config { # want node-public-ip
    }
  }
  service_account { # want node-default-sa
    scopes = ["cloud-platform"]
  }
}

resource "google_compute_instance_template" "nodes" {
  name_prefix = "nodes"
  network_interface {
    subnetwork = "nodes"
  }
  service_account {
    email = google_service_account.nodes.email
  }
  shielded_instance_config {
    enable_secure_boot = true
    enable_vtpm        = false # want node-unshielded
  }
  metadata_startup_script = "#!/bin/bash\nsetenforce 0\n" # want node-lsm-off
}

resource "google_compute_firewall" "ssh" {
  name = "ssh"
  allow {
    protocol = "tcp"
    ports    = ["20-30"]
  }
  source_ranges = ["10.0.0.0/8", "0.0.0.0/0"] # want node-ssh
}

resource "google_compute_firewall" "all" {
  name = "all"
  allow {
    protocol = "all"
  }
  source_ranges = ["::/0"] # want node-rdp node-ssh
}

resource "google_compute_firewall" "web" {
  name = "web"
  allow {
    protocol = "tcp"
    ports    = ["443"]
  }
  allow {
    protocol = "udp"
    ports    = ["22"]
  }
  source_ranges = ["0.0.0.0/0"]
}

resource "google_compute_firewall" "iap" {
  name = "iap"
  allow {
    protocol = "tcp"
    ports    = ["22"]
  }
  source_ranges = ["35.235.240.0/20"]
}

resource "google_container_node_pool" "workers" {
  node_config {
    boot_disk_kms_key = google_kms_crypto_key.nodes.id
    service_account   = google_service_account.nodes.email
    shielded_instance_config {
      enable_secure_boot = true
    }
    kubelet_config {
      cpu_manager_policy                     = "static"
      insecure_kubelet_readonly_port_enabled = "TRUE" # want kubelet-readonly-port
    }
  }
}

resource "google_iam_workload_identity_pool_provider" "github" {
  attribute_mapping = {
    "google.subject" = "assertion.sub"
  }
  oidc {
    issuer_uri = "https://token.actions.githubusercontent.com" # want oidc-trust-broad
  }
}

resource "google_iam_workload_identity_pool_provider" "own" {
  attribute_condition = "assertion.repository == 'acme/shop'"
  oidc {
    issuer_uri = "https://token.actions.githubusercontent.com"
  }
}

resource "google_iam_workload_identity_pool_provider" "prefix" {
  attribute_condition = "assertion.sub.startsWith('repo:acme')" # want oidc-trust-broad
  oidc {
    issuer_uri = "https://token.actions.githubusercontent.com"
  }
}

resource "google_service_account_iam_member" "pool" {
  service_account_id = google_service_account.nodes.name
  role               = "roles/iam.workloadIdentityUser"
  member             = "principalSet://iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/ci/*" # want oidc-trust-broad
}

resource "google_service_account_iam_member" "shop" {
  service_account_id = google_service_account.nodes.name
  role               = "roles/iam.workloadIdentityUser"
  member             = "principalSet://iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/ci/attribute.repository/acme/shop"
}

resource "google_service_account" "nodes" {
  account_id = "nodes"
}
