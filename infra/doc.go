// Package infra reads what infrastructure files say, whatever their form: one
// model an idea (Program, Node, Cluster, Registry, StartUp, AuditPolicy,
// Mapping), and beside it one adapter a source in a file of its own, such as
// program_kops.go. A check asks the model and knows no source; a new source is
// a new adapter and changes no check.
package infra
