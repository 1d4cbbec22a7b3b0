package kube

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/util/validation"
	"sigs.k8s.io/yaml"
)

// example is a run of 2,000 agents by four workers.
func example() Config {
	return Config{
		Name: "night", Image: "slload:dev", Workers: 4, Agents: 2000, OnLoss: "continue",
		Profile: "name: night\nbehaviors:\n  - do: chat\n    with: {text: \"a: b # c\"}\n", Secrets: true,
		Password: "it's \"secret\": \\ # {", PasswordEnv: "SLLOAD_PASSWORD",
	}
}

// variants are runs that come to different manifests.
func variants() map[string]Config {
	all := map[string]Config{"own NATS": example()}
	vary := func(name string, change func(c *Config)) {
		c := example()
		change(&c)
		all[name] = c
	}
	vary("namespace", func(c *Config) { c.Namespace = "load" })
	vary("abort", func(c *Config) { c.OnLoss = "abort" })
	vary("rebalance", func(c *Config) { c.OnLoss = "rebalance" })
	vary("accounts", func(c *Config) {
		c.AccountsFile, c.Accounts, c.Password = true, []byte("first,last,password\nA,B,\"x\ty\"\n"), ""
	})
	vary("installed NATS", func(c *Config) { c.NATS, c.Token, c.CA = "nats://nats:4222", "0123456789", []byte("-----PEM-----\n") })
	vary("installed NATS that the system trusts", func(c *Config) { c.NATS, c.Token = "tls://nats.example:4222", "0123456789" })
	vary("no Secrets", func(c *Config) { c.Secrets = false })
	vary("arguments", func(c *Config) { c.Controller = []string{"--tag=a=b: c", "--max-agents", "8000"} })
	return all
}

// objects are the documents of manifests, each decoded into the struct that
// Kubernetes has for it.
type objects struct {
	services []corev1.Service
	secrets  []corev1.Secret
	configs  []corev1.ConfigMap
	claims   []corev1.PersistentVolumeClaim
	jobs     []batchv1.Job
}

// decode reads YAML documents. A key that Kubernetes doesn't know is an error, as
// is one that stands twice, or an object of a kind that these manifests have no
// use for.
func decode(t *testing.T, text []byte) (all objects) {
	t.Helper()
	for _, document := range regexp.MustCompile(`(?m)^---\n`).Split(string(text), -1) {
		var kind metav1.TypeMeta
		if err := yaml.Unmarshal([]byte(document), &kind); err != nil {
			t.Fatalf("%v in\n%s", err, document)
		}
		var err error
		switch kind.APIVersion + " " + kind.Kind {
		case "v1 Service":
			all.services, err = strict(all.services, document)
		case "v1 Secret":
			all.secrets, err = strict(all.secrets, document)
		case "v1 ConfigMap":
			all.configs, err = strict(all.configs, document)
		case "v1 PersistentVolumeClaim":
			all.claims, err = strict(all.claims, document)
		case "batch/v1 Job":
			all.jobs, err = strict(all.jobs, document)
		default:
			t.Fatalf("an object %+v, of which nothing is known, in\n%s", kind, document)
		}
		if err != nil {
			t.Errorf("%s: %v in\n%s", kind.Kind, err, document)
		}
	}
	return all
}

func strict[T any](list []T, document string) ([]T, error) {
	var object T
	err := yaml.UnmarshalStrict([]byte(document), &object)
	return append(list, object), err
}

func rendered(t *testing.T, c Config) objects {
	t.Helper()
	files, err := Render(c)
	if err != nil {
		t.Fatal(err)
	}
	var text [][]byte
	for _, f := range files {
		text = append(text, f.Data)
	}
	return decode(t, bytes.Join(text, []byte("---\n")))
}

func TestManifestsAreWhatKubernetesTakes(t *testing.T) {
	for name, c := range variants() {
		t.Run(name, func(t *testing.T) {
			all := rendered(t, c)
			if len(all.jobs) != 2 || len(all.configs) != 1 || len(all.claims) != 1 {
				t.Errorf("%d Jobs, %d ConfigMaps, %d claims", len(all.jobs), len(all.configs), len(all.claims))
			}
			checkMeta(t, all, c)
			for i := range all.jobs {
				checkJob(t, all, &all.jobs[i], c.Secrets)
			}
			checkServices(t, all)
		})
	}
}

// What is in the repository is checked as what is printed: slload's tests see to
// it that the two agree.
func TestCommittedManifests(t *testing.T) {
	paths, err := filepath.Glob("../../deploy/kubernetes/*.yaml")
	if err != nil || len(paths) < 4 {
		t.Fatalf("%v in deploy/kubernetes, %v", paths, err)
	}
	var text [][]byte
	for _, path := range paths {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		text = append(text, data)
	}
	all := decode(t, bytes.Join(text, []byte("---\n")))
	if len(all.secrets) > 0 {
		t.Errorf("%d Secrets are in the repository", len(all.secrets))
	}
	for i := range all.jobs {
		checkJob(t, all, &all.jobs[i], false)
	}
	checkServices(t, all)
}

// The pod in docs/cluster.md that fetches the results is one, and finds them.
func TestThePodThatFetches(t *testing.T) {
	page, err := os.ReadFile("../../docs/cluster.md")
	if err != nil {
		t.Fatal(err)
	}
	found := regexp.MustCompile("(?s)```yaml\n(apiVersion.*?)```").FindAllSubmatch(page, -1)
	if len(found) != 1 {
		t.Fatalf("%d manifests in the page", len(found))
	}
	pods, err := strict([]corev1.Pod(nil), string(found[0][1]))
	if err != nil {
		t.Fatal(err)
	}
	storage, err := os.ReadFile("../../deploy/kubernetes/storage.yaml")
	if err != nil {
		t.Fatal(err)
	}
	claims := decode(t, storage).claims
	if got := pods[0].Spec.Volumes[0].PersistentVolumeClaim.ClaimName; got != claims[0].Name {
		t.Errorf("it looks into %s, results are in %s", got, claims[0].Name)
	}
}

// checkMeta holds names, namespaces and labels to Kubernetes' rules.
func checkMeta(t *testing.T, all objects, c Config) {
	t.Helper()
	var metas []metav1.ObjectMeta
	for _, o := range all.services {
		metas = append(metas, o.ObjectMeta)
	}
	for _, o := range all.secrets {
		metas = append(metas, o.ObjectMeta)
	}
	for _, o := range all.configs {
		metas = append(metas, o.ObjectMeta)
	}
	for _, o := range all.claims {
		metas = append(metas, o.ObjectMeta)
	}
	for _, o := range all.jobs {
		metas = append(metas, o.ObjectMeta)
	}
	seen := map[string]bool{}
	for _, m := range metas {
		if problems := validation.IsDNS1123Label(m.Name); len(problems) > 0 {
			t.Errorf("the name %q: %v", m.Name, problems)
		}
		if m.Namespace != c.Namespace || !strings.HasPrefix(m.Name, c.Name+"-") || m.Labels["app.kubernetes.io/instance"] != c.Name {
			t.Errorf("%s has namespace %q and labels %v", m.Name, m.Namespace, m.Labels)
		}
		for key, value := range m.Labels {
			if problems := append(validation.IsQualifiedName(key), validation.IsValidLabelValue(value)...); len(problems) > 0 {
				t.Errorf("%s: the label %s=%s: %v", m.Name, key, value, problems)
			}
		}
		seen[m.Name] = true
	}
	if len(seen) < 4 {
		t.Errorf("only the objects %v", seen)
	}
}

// checkJob holds a Job to the rules of Kubernetes that its structs don't tell,
// and to the objects beside it.
func checkJob(t *testing.T, all objects, job *batchv1.Job, secrets bool) {
	t.Helper()
	pod := &job.Spec.Template.Spec
	if len(pod.Containers) != 1 {
		t.Fatalf("%s has %d containers", job.Name, len(pod.Containers))
	}
	checkRestarts(t, job)
	checkConfined(t, job.Name, pod)
	c := &pod.Containers[0]
	var volumes []string
	for _, v := range pod.Volumes {
		volumes = append(volumes, v.Name)
		checkVolume(t, all, v, secrets)
	}
	var mounts []string
	for _, m := range c.VolumeMounts {
		mounts = append(mounts, m.Name)
	}
	if slices.Sort(volumes); !slices.Equal(volumes, slices.Sorted(slices.Values(mounts))) {
		t.Errorf("%s has the volumes %v and mounts %v", job.Name, volumes, mounts)
	}
	checkPaths(t, c)
	checkEnvironment(t, all, c, secrets)
	if job.Spec.Template.Labels["app.kubernetes.io/component"] == "" {
		t.Errorf("%s: its pods have the labels %v", job.Name, job.Spec.Template.Labels)
	}
	for _, spread := range pod.TopologySpreadConstraints {
		checkSelector(t, spread.LabelSelector, job.Spec.Template.Labels)
	}
}

// checkRestarts: a policy for failures needs pods that aren't begun again in
// place, and an Indexed Job its count.
func checkRestarts(t *testing.T, job *batchv1.Job) {
	t.Helper()
	pod, spec := job.Spec.Template.Spec, job.Spec
	if pod.RestartPolicy != corev1.RestartPolicyNever && (pod.RestartPolicy != corev1.RestartPolicyOnFailure || spec.PodFailurePolicy != nil) {
		t.Errorf("%s: restartPolicy %q with a failure policy %+v", job.Name, pod.RestartPolicy, spec.PodFailurePolicy)
	}
	if spec.PodFailurePolicy != nil {
		for _, rule := range spec.PodFailurePolicy.Rules {
			if on := rule.OnExitCodes; on != nil && (*on.ContainerName != pod.Containers[0].Name || !slices.IsSorted(on.Values) || slices.Contains(on.Values, 0)) {
				t.Errorf("%s: a rule on exit codes %+v", job.Name, on)
			}
		}
	}
	indexed := spec.CompletionMode != nil && *spec.CompletionMode == batchv1.IndexedCompletion
	if indexed && (spec.Completions == nil || spec.Parallelism == nil || *spec.Completions != *spec.Parallelism) {
		t.Errorf("%s: all indexes must run at once: %+v", job.Name, spec)
	}
}

// checkConfined: the pods keep to the profile "restricted" of Kubernetes' Pod
// Security Standards.
func checkConfined(t *testing.T, name string, pod *corev1.PodSpec) {
	t.Helper()
	p, c := pod.SecurityContext, pod.Containers[0].SecurityContext
	if p == nil || c == nil || !*p.RunAsNonRoot || *p.RunAsUser == 0 || p.SeccompProfile.Type != corev1.SeccompProfileTypeRuntimeDefault ||
		*c.AllowPrivilegeEscalation || !*c.ReadOnlyRootFilesystem || !slices.Equal(c.Capabilities.Drop, []corev1.Capability{"ALL"}) {
		t.Errorf("%s isn't confined: %+v, %+v", name, p, c)
	}
	if *pod.AutomountServiceAccountToken {
		t.Errorf("%s has a token of Kubernetes", name)
	}
	resources := pod.Containers[0].Resources
	if resources.Requests.Cpu().IsZero() || resources.Requests.Memory().IsZero() || resources.Limits.Memory().Cmp(*resources.Requests.Memory()) < 0 {
		t.Errorf("%s asks for %+v", name, resources)
	}
	if !resources.Limits.Cpu().IsZero() {
		t.Errorf("%s would be throttled at %v", name, resources.Limits.Cpu())
	}
}

// checkVolume: what a volume shows is there, with the keys that it picks.
func checkVolume(t *testing.T, all objects, v corev1.Volume, secrets bool) {
	t.Helper()
	switch {
	case v.ConfigMap != nil:
		if !slices.ContainsFunc(all.configs, func(c corev1.ConfigMap) bool { return c.Name == v.ConfigMap.Name }) {
			t.Errorf("there is no ConfigMap %s", v.ConfigMap.Name)
		}
	case v.PersistentVolumeClaim != nil:
		if !slices.ContainsFunc(all.claims, func(c corev1.PersistentVolumeClaim) bool { return c.Name == v.PersistentVolumeClaim.ClaimName }) {
			t.Errorf("there is no claim %s", v.PersistentVolumeClaim.ClaimName)
		}
	case v.Secret != nil && secrets:
		keys := all.secret(v.Secret.SecretName)
		if keys == nil {
			t.Errorf("there is no Secret %s", v.Secret.SecretName)
		}
		for _, item := range v.Secret.Items {
			if _, ok := keys[item.Key]; !ok {
				t.Errorf("the Secret %s has no %s", v.Secret.SecretName, item.Key)
			}
		}
	case v.Secret == nil && v.EmptyDir == nil:
		t.Errorf("the volume %s shows nothing", v.Name)
	}
}

// secret is what the Secret of a name holds; nil: there is none.
func (o objects) secret(name string) map[string]string {
	for _, s := range o.secrets {
		if s.Name == name {
			return s.StringData
		}
	}
	return nil
}

// checkPaths: every path that an argument names lies in a volume.
func checkPaths(t *testing.T, c *corev1.Container) {
	t.Helper()
	for _, arg := range c.Args {
		_, path, _ := strings.Cut(arg, "=")
		if strings.HasPrefix(arg, "/") {
			path = arg
		}
		if strings.HasPrefix(path, "/") && !slices.ContainsFunc(c.VolumeMounts, func(m corev1.VolumeMount) bool {
			return path == m.MountPath || strings.HasPrefix(path, m.MountPath+"/")
		}) {
			t.Errorf("%s: nothing is mounted at %s", c.Name, path)
		}
	}
}

// checkEnvironment: what comes from a Secret is there, and what arguments name
// is set.
func checkEnvironment(t *testing.T, all objects, c *corev1.Container, secrets bool) {
	t.Helper()
	set := map[string]bool{}
	for _, e := range c.Env {
		set[e.Name] = true
		if ref := e.ValueFrom.SecretKeyRef; ref != nil && secrets {
			keys := all.secret(ref.Name)
			if _, ok := keys[ref.Key]; keys == nil || !ok && !*ref.Optional {
				t.Errorf("%s: %s comes from %s/%s, which isn't there", c.Name, e.Name, ref.Name, ref.Key)
			}
		}
	}
	for _, found := range regexp.MustCompile(`\$\((\w+)\)`).FindAllStringSubmatch(strings.Join(c.Args, " "), -1) {
		if !set[found[1]] {
			t.Errorf("%s: %s isn't set", c.Name, found[1])
		}
	}
}

// checkServices: a Service finds exactly the controller's pods, and its port is
// the one that workers are told.
func checkServices(t *testing.T, all objects) {
	t.Helper()
	for _, s := range all.services {
		for _, job := range all.jobs {
			selects := labels.SelectorFromSet(s.Spec.Selector).Matches(labels.Set(job.Spec.Template.Labels))
			if selects != (job.Name == s.Name) {
				t.Errorf("the Service %s selects the pods of %s: %v", s.Name, job.Name, selects)
			}
			if ports := job.Spec.Template.Spec.Containers[0].Ports; selects && (len(ports) != 1 || ports[0].Name != s.Spec.Ports[0].TargetPort.String()) {
				t.Errorf("the Service %s leads to the port %v of %v", s.Name, s.Spec.Ports[0].TargetPort, ports)
			}
		}
		address := "--join=nats://" + s.Name + ":4222"
		if s.Spec.Ports[0].Port != 4222 || !slices.ContainsFunc(all.jobs, func(j batchv1.Job) bool {
			return slices.Contains(j.Spec.Template.Spec.Containers[0].Args, address)
		}) {
			t.Errorf("nobody has %s, the address of %+v", address, s.Spec.Ports)
		}
	}
}

func checkSelector(t *testing.T, s *metav1.LabelSelector, pods map[string]string) {
	t.Helper()
	selector, err := metav1.LabelSelectorAsSelector(s)
	if err != nil || !selector.Matches(labels.Set(pods)) {
		t.Errorf("%v doesn't select %v: %v", s, pods, err)
	}
}
