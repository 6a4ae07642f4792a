package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

var volumeResource = schema.GroupVersionResource{Version: "v1", Resource: "persistentvolumes"}

// provide gives every claim a folder of the node, as the provisioner of kind and of k3s does (local-path), and removes the
// folder when the claim is gone. Kubernetes' own controller binds the two.
func (n *node) provide() error {
	claims, err := n.plane.client.Resource(claimResource).List(context.Background(), meta.ListOptions{})
	if err != nil {
		return err
	}
	var all []error
	for index := range claims.Items {
		claim := &claims.Items[index]
		phase, _, _ := unstructured.NestedString(claim.Object, "status", "phase")
		if phase == "Bound" || claim.GetDeletionTimestamp() != nil {
			continue
		}
		all = append(all, n.makeVolume(claim))
	}
	volumes, err := n.plane.client.Resource(volumeResource).List(context.Background(), meta.ListOptions{})
	if err != nil {
		return errors.Join(append(all, err)...)
	}
	for index := range volumes.Items {
		volume := &volumes.Items[index]
		if phase, _, _ := unstructured.NestedString(volume.Object, "status", "phase"); phase == "Released" {
			all = append(all, n.removeVolume(volume.GetName()))
		}
	}
	return errors.Join(all...)
}

func (n *node) volumeFolder(name string) string { return filepath.Join(n.folder, "volumes", name) }

func (n *node) makeVolume(claim *unstructured.Unstructured) error {
	name := fmt.Sprintf("claim-%s", claim.GetUID())
	folder := n.volumeFolder(name)
	if err := os.MkdirAll(folder, 0o777); err != nil {
		return err
	}
	// Like that provisioner: the kubelet changes no owner of a hostPath, so everyone may write.
	if err := os.Chmod(folder, 0o777); err != nil {
		return err
	}
	modes, _, _ := unstructured.NestedSlice(claim.Object, "spec", "accessModes")
	size, _, _ := unstructured.NestedMap(claim.Object, "spec", "resources", "requests")
	spec := map[string]any{
		"capacity": size, "accessModes": modes, "persistentVolumeReclaimPolicy": "Retain",
		"hostPath": map[string]any{"path": folder},
		"claimRef": map[string]any{
			"apiVersion": "v1", "kind": "PersistentVolumeClaim", "namespace": claim.GetNamespace(), "name": claim.GetName(), "uid": string(claim.GetUID()),
		},
	}
	if class, found, _ := unstructured.NestedString(claim.Object, "spec", "storageClassName"); found {
		spec["storageClassName"] = class
	}
	volume := &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "v1", "kind": "PersistentVolume", "metadata": map[string]any{"name": name}, "spec": spec,
	}}
	_, err := n.plane.client.Resource(volumeResource).Create(context.Background(), volume, meta.CreateOptions{})
	if apierrors.IsAlreadyExists(err) {
		return nil
	}
	return err
}

func (n *node) removeVolume(name string) error {
	err := n.plane.client.Resource(volumeResource).Delete(context.Background(), name, meta.DeleteOptions{})
	if err != nil && !apierrors.IsNotFound(err) {
		return err
	}
	return os.RemoveAll(n.volumeFolder(name))
}
