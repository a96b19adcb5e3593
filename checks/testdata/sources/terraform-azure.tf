# Machines, networks and trust of Azure.
resource "azurerm_linux_virtual_machine" "bastion" { # want node-cache-unencrypted
  name                            = "bastion"
  admin_password                  = var.password
  disable_password_authentication = false # want node-password-login
}

resource "azurerm_windows_virtual_machine_scale_set" "nodes" {
  name                       = "nodes"
  encryption_at_host_enabled = false # want node-cache-unencrypted
}

resource "azurerm_virtual_machine" "old" {
  name = "old"
  os_profile {
    custom_data = "#cloud-config\nssh_pwauth: true\n" # want node-password-login
  }
}

resource "azurerm_network_interface" "bastion" {
  ip_configuration {
    name                 = "main"
    public_ip_address_id = azurerm_public_ip.bastion.id # want node-public-ip
  }
}

resource "azurerm_network_security_group" "nodes" {
  security_rule {
    access                     = "Allow"
    direction                  = "Inbound"
    protocol                   = "*"
    destination_port_range     = "22"
    source_address_prefixes    = ["10.0.0.0/8", "Internet"] # want node-ssh
  }
  security_rule {
    access                     = "Allow"
    direction                  = "Inbound"
    protocol                   = "Udp"
    destination_port_range     = "22"
    source_address_prefix      = "*"
  }
}

resource "azurerm_network_security_rule" "rdp" {
  access                     = "Allow"
  direction                  = "Inbound"
  protocol                   = "Tcp"
  destination_port_ranges    = ["3000-4000"]
  source_address_prefix      = "0.0.0.0/0" # want node-rdp
}

resource "azurerm_security_center_subscription_pricing" "images" {
  resource_type = "Containers"
  tier          = "Free" # want registry-scan-off
}

resource "azurerm_security_center_subscription_pricing" "other" {
  resource_type = "KeyVaults"
  tier          = "Free"
}

resource "azurerm_federated_identity_credential" "github" {
  issuer    = "https://token.actions.githubusercontent.com"
  audience  = ["api://AzureADTokenExchange"]
  subject   = "repo:acme/*:environment:production" # want oidc-trust-broad
  parent_id = var.identity
}

variable "password" {}
variable "identity" {}
