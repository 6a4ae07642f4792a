package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"strings"
	"time"

	"golang.org/x/net/dns/dnsmessage"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// The names that are no services of the cluster's: what stands beside it at home.
var hosts = []string{"git.gen.test.", "registry.gen.test."}

var serviceResource = schema.GroupVersionResource{Version: "v1", Resource: "services"}

// serve starts what pods reach the node for: names, and git over HTTP.
func (n *node) serve() error {
	names, err := net.ListenPacket("udp", nodeAddress+":53")
	if err != nil {
		return err
	}
	go n.answerNames(names)
	repositories, err := net.Listen("tcp", fmt.Sprintf("%s:%d", nodeAddress, gitPort))
	if err != nil {
		return err
	}
	server, err := newGitServer(n.plane.options.git)
	if err != nil {
		return err
	}
	go func() { _ = http.Serve(repositories, http.HandlerFunc(server.withPassword)) }()
	go forEver("volumes", 200*time.Millisecond, n.provide)
	return nil
}

// answerNames is the cluster's DNS: services, and the hosts beside it; of all others it says that there is none.
func (n *node) answerNames(socket net.PacketConn) {
	for {
		packet := make([]byte, 1232)
		length, from, err := socket.ReadFrom(packet)
		if err != nil {
			return
		}
		go func() {
			if reply, err := n.reply(packet[:length]); err == nil {
				_, _ = socket.WriteTo(reply, from)
			}
		}()
	}
}

func (n *node) reply(packet []byte) ([]byte, error) {
	var parser dnsmessage.Parser
	header, err := parser.Start(packet)
	if err != nil {
		return nil, err
	}
	question, err := parser.Question()
	if err != nil {
		return nil, err
	}
	found := n.resolve(strings.ToLower(question.Name.String()))
	header.Response, header.Authoritative, header.RecursionAvailable = true, true, true
	if found == nil {
		header.RCode = dnsmessage.RCodeNameError
	}
	builder := dnsmessage.NewBuilder(nil, header)
	builder.EnableCompression()
	if err := errorsOf(builder.StartQuestions(), builder.Question(question), builder.StartAnswers()); err != nil {
		return nil, err
	}
	if address := found.To4(); address != nil && question.Type == dnsmessage.TypeA {
		resource := dnsmessage.ResourceHeader{Name: question.Name, Type: dnsmessage.TypeA, Class: dnsmessage.ClassINET, TTL: 1}
		if err := builder.AResource(resource, dnsmessage.AResource{A: [4]byte(address)}); err != nil {
			return nil, err
		}
	}
	return builder.Finish()
}

func errorsOf(all ...error) error {
	for _, err := range all {
		if err != nil {
			return err
		}
	}
	return nil
}

// resolve finds the address of a name with its last dot; nil where there is none.
func (n *node) resolve(name string) net.IP {
	for _, host := range hosts {
		if name == host {
			return net.ParseIP(nodeAddress)
		}
	}
	service, is := strings.CutSuffix(name, ".svc."+clusterDomain+".")
	if !is {
		return nil
	}
	parts := strings.Split(service, ".")
	if len(parts) != 2 {
		return nil
	}
	found, err := n.plane.client.Resource(serviceResource).Namespace(parts[1]).Get(context.Background(), parts[0], meta.GetOptions{})
	if err != nil {
		return nil
	}
	address, _, _ := unstructured.NestedString(found.Object, "spec", "clusterIP")
	return net.ParseIP(address)
}
