{{/* The MPIJob of a run: complete as it stands, for a queue to be drained by hand. The calculations service sets name, labels,
launcher's arguments and the number of workers of each run. */}}
{{- define "foresail.run.manifest" -}}
{{- $run := .Values.run -}}
apiVersion: kubeflow.org/v2beta1
kind: MPIJob
metadata:
  name: {{ include "foresail.fullname" . }}-run
  labels:
    {{- include "foresail.selector" (list . "run") | nindent 4 }}
    {{- with $run.kueue.queueName }}
    kueue.x-k8s.io/queue-name: {{ . | quote }}
    {{- end }}
    {{- with $run.kueue.priorityClass }}
    kueue.x-k8s.io/priority-class: {{ . | quote }}
    {{- end }}
spec:
  mpiImplementation: MPICH
  # The launcher is a host too: rank 0 runs in it, and is the only one that reaches the store.
  runLauncherAsWorker: true
  launcherCreationPolicy: WaitForWorkersReady
  slotsPerWorker: {{ $run.slotsPerWorker }}
  sshAuthMountPath: /home/foresail/.ssh
  runPolicy:
    cleanPodPolicy: Running
    # A lost run's jobs come back by their leases, and a new run takes them: starting the same again could do no more.
    backoffLimit: 0
    activeDeadlineSeconds: {{ int64 $run.deadlineSeconds }}
  mpiReplicaSpecs:
    Launcher:
      replicas: 1
      restartPolicy: Never
      template:
        {{- include "foresail.run.podMetadata" (list . "launcher") | nindent 8 }}
        spec:
          {{- include "foresail.run.podSpec" . | nindent 10 }}
          containers:
            - name: launcher
              {{- include "foresail.run.container" . | nindent 14 }}
              args: [python, -m, services.drain.launch, --queue, "1", --processes, "{{ mul $run.slotsPerWorker 2 }}"]
              env:
                {{- include "foresail.environment" . | nindent 16 }}
                {{- with $run.env }}{{ toYaml . | nindent 16 }}{{ end }}
              resources: {{- toYaml $run.launcher.resources | nindent 16 }}
              volumeMounts:
                - {name: config, mountPath: /etc/foresail, readOnly: true}
                {{- with include "foresail.storeAuthority.mount" . | trim }}{{ . | nindent 16 }}{{ end }}
                - {name: tmp, mountPath: /tmp}
                - {name: shm, mountPath: /dev/shm}
          volumes:
            - {name: config, configMap: {name: {{ include "foresail.fullname" . }}-config}}
            {{- with include "foresail.storeAuthority.volume" . | trim }}{{ . | nindent 12 }}{{ end }}
            {{- include "foresail.run.volumes" . | nindent 12 }}
    Worker:
      replicas: 1
      # Never would leave a failed worker away for good.
      restartPolicy: OnFailure
      template:
        {{- include "foresail.run.podMetadata" (list . "worker") | nindent 8 }}
        spec:
          {{- include "foresail.run.podSpec" . | nindent 10 }}
          containers:
            - name: worker
              {{- include "foresail.run.container" . | nindent 14 }}
              args: [/usr/sbin/sshd, -De, -f, /etc/ssh/sshd_config]
              ports: [{name: ssh, containerPort: 2222}]
              readinessProbe: {tcpSocket: {port: ssh}, periodSeconds: 1}
              resources: {{- toYaml $run.worker.resources | nindent 16 }}
              volumeMounts:
                - {name: tmp, mountPath: /tmp}
                - {name: shm, mountPath: /dev/shm}
          volumes: {{- include "foresail.run.volumes" . | nindent 12 }}
{{- end }}

{{/* What asks for a sidecar in all other pods is left out of a run's. */}}
{{- define "foresail.run.podMetadata" -}}
{{- $root := index . 0 -}}
metadata:
  labels:
    {{- include "foresail.selector" (list $root "run") | nindent 4 }}
    foresail/role: {{ index . 1 }}
    {{- with omit (default dict $root.Values.podLabels) "sidecar.istio.io/inject" }}{{ toYaml . | nindent 4 }}{{ end }}
  annotations:
    # A sidecar would stand between the ranks and never end.
    sidecar.istio.io/inject: "false"
    {{- with omit (default dict $root.Values.podAnnotations) "sidecar.istio.io/inject" }}{{ toYaml . | nindent 4 }}{{ end }}
{{- end }}

{{- define "foresail.run.podSpec" -}}
serviceAccountName: {{ include "foresail.fullname" . }}-run
automountServiceAccountToken: false
enableServiceLinks: false
{{- include "foresail.pullSecrets" . }}
securityContext: {{- include "foresail.podSecurity" . | nindent 2 }}
topologySpreadConstraints:
  - maxSkew: 1
    topologyKey: kubernetes.io/hostname
    whenUnsatisfiable: {{ .Values.run.spread }}
    # The operator labels a run's pods with its name: each run is spread by itself.
    matchLabelKeys: [training.kubeflow.org/job-name]
    labelSelector:
      matchLabels: {{- include "foresail.selector" (list . "run") | nindent 8 }}
{{- include "foresail.nodes" .Values.run }}
{{- end }}

{{- define "foresail.run.container" -}}
image: {{ include "foresail.image" (list . .Values.run.image) }}
imagePullPolicy: {{ .Values.run.image.pullPolicy }}
securityContext: {{- include "foresail.containerSecurity" . | nindent 2 }}
{{- end }}

{{- define "foresail.run.volumes" -}}
- {name: tmp, emptyDir: {sizeLimit: 64Mi}}
# MPI takes 5 MiB of it for each rank of the pod.
- {name: shm, emptyDir: {medium: Memory, sizeLimit: {{ max 256 (mul 8 .Values.run.slotsPerWorker) }}Mi}}
{{- end }}
