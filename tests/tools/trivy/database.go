// database makes a small database of vulnerabilities for tests: by trivy's own library, so that trivy finds in it what it finds in
// the real one. What it is to hold comes as JSON on standard input.
//
//	database FOLDER <vulnerabilities.json     [{"bucket": "debian 12", "package": "openssl", "id": "CVE-…", "severity": "HIGH",
//	                                            "title": "…", "advisory": {"FixedVersion": "3.0.15-1"}}]
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"time"

	"github.com/aquasecurity/trivy-db/pkg/db"
	"github.com/aquasecurity/trivy-db/pkg/metadata"
	"github.com/aquasecurity/trivy-db/pkg/types"
	"go.etcd.io/bbolt"
)

// vulnerability is one of one package.
type vulnerability struct {
	Bucket, Package, ID, Severity, Title string
	Advisory                             types.Advisory
}

func write(folder string) error {
	var all []vulnerability
	if err := json.NewDecoder(os.Stdin).Decode(&all); err != nil {
		return err
	}
	if err := db.Init(folder); err != nil {
		return err
	}
	defer db.Close()
	to := db.Config{}
	err := to.BatchUpdate(func(tx *bbolt.Tx) error {
		for _, one := range all {
			source := types.DataSource{ID: "test", Name: "Vulnerabilities of the tests", URL: "https://vulnerabilities.example"}
			if err := to.PutDataSource(tx, one.Bucket, source); err != nil {
				return err
			}
			if err := to.PutAdvisory(tx, []string{one.Bucket, one.Package}, one.ID, one.Advisory); err != nil {
				return err
			}
			if err := to.PutVulnerability(tx, one.ID, types.Vulnerability{Title: one.Title, Severity: one.Severity}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	now := time.Now().UTC()
	meta := metadata.Metadata{Version: db.SchemaVersion, UpdatedAt: now, NextUpdate: now.AddDate(1, 0, 0)}
	return metadata.NewClient(folder).Update(meta)
}

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: database FOLDER <vulnerabilities.json")
		os.Exit(64)
	}
	if err := write(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "database:", err)
		os.Exit(1)
	}
}
