#!/usr/bin/env bash
# Records what real drivers print when they end in the ways of Ends.java and ends.py, into
# the folder above. Left out: what is told before anything is wrong, and of each stack all frames but four.
# Needs the Spark homes that hack/cluster makes, and a JDK.
#
#   internal/exception/testdata/record/record.sh VERSION [END...]
set -euo pipefail
cd "$(dirname "$0")"
version=$1
shift
cache=${SPARKCTL_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/sparkctl}
export SPARK_HOME=$cache/spark/$version/home SPARK_LOCAL_IP=127.0.0.1 PYSPARK_PYTHON=python3
work=$(mktemp -d)
api=
trap '[[ -z $api ]] || kill "$api"; rm -rf "$work"' EXIT
javac -proc:none -Xlint:-path -cp "$SPARK_HOME/jars/*" -d "$work/classes" Ends.java
jar --create --file "$work/app.jar" -C "$work/classes" .
cp ends.py syntax.py "$work"
cd "$work"

# run NAME ARGUMENTS: what the driver prints, behind a line that says where it comes from.
run() {
	local name=$1 code=0
	shift
	echo "$name" >&2
	timeout 90 "$SPARK_HOME/bin/spark-submit" --conf spark.ui.enabled=false "$@" >"$work/out" 2>&1 </dev/null || code=$?
	{
		echo "# recorded by record.sh: Spark $version, exit code $code: ${name//-/ }"
		sed -e "s#$work#/opt/app#g" -e "s#$SPARK_HOME#/opt/spark#g" -e "s#$(hostname)#host#g" "$work/out" |
			awk '/ INFO |"level":"INFO"| WARN NativeCodeLoader|"logger":"NativeCodeLoader"|^WARNING: |^Using Spark.s default/ && !wrong { next }
				{ wrong = 1; frames = /^[ \t]+at / ? frames + 1 : 0 }
				frames <= 4'
	} >"$OLDPWD/../$name-$version.log"
}

one() {
	local name=$1
	case $name in
	java-json-*) run "$name" --master 'local[1]' --conf spark.log.structuredLogging.enabled=true --class Ends app.jar "${name#java-json-}" ;;
	java-heap | java-heaptask) run "$name" --master 'local[1]' --driver-memory 512m --class Ends app.jar "${name#java-}" ;;
	java-heapexit) run "$name" --master 'local[1]' --driver-memory 512m --driver-java-options -XX:+ExitOnOutOfMemoryError --class Ends app.jar heap ;;
	java-*) run "$name" --master 'local[1]' --class Ends app.jar "${name#java-}" ;;
	python-heap) run "$name" --master 'local[1]' --driver-memory 512m --conf spark.driver.maxResultSize=0 ends.py heap ;;
	python-json-*) run "$name" --master 'local[1]' --conf spark.log.structuredLogging.enabled=true ends.py "${name#python-json-}" ;;
	python-syntax) run "$name" --master 'local[1]' syntax.py ;;
	python-missing) run "$name" --master 'local[1]' /opt/app/nope.py ;;
	python-*) run "$name" --master 'local[1]' ends.py "${name#python-}" ;;
	class-missing) run "$name" --master 'local[1]' --class no.such.Main app.jar ;;
	jar-missing) run "$name" --master 'local[1]' --class no.such.Main local:///opt/app/nope.jar ;;
	master-wrong) run "$name" --master 'nope' --class Ends app.jar wait ;;
	kubernetes-*)
		rm -f "$work/port"
		python3 "$OLDPWD/api.py" "${name#kubernetes-}" >"$work/port" &
		api=$!
		until [[ -s $work/port ]]; do sleep 0.1; done
		run "$name" --master "k8s://http://127.0.0.1:$(cat "$work/port")" --deploy-mode client --conf spark.kubernetes.namespace=jobs \
			--conf spark.kubernetes.driver.pod.name=driver --conf spark.kubernetes.container.image=spark \
			--conf spark.executor.maxNumFailures=2 --class Ends app.jar wait
		kill "$api"
		wait "$api" || true
		api=
		;;
	*) echo "record: no end $name" >&2 && exit 2 ;;
	esac
}

if [[ $# -eq 0 ]]; then
	set -- java-{throw,multiline,cause,suppressed,shadow,task,logged,survived,thread,heap,heaptask,heapexit} \
		python-{value,multiline,cause,context,group,note,exit,exittext,interrupt,assert,handled,analysis,udf,heap,stopped,syntax,missing} \
		class-missing jar-missing master-wrong kubernetes-{forbidden,forbiddenget,quota}
	[[ $version == 3.* ]] || set -- "$@" java-json-{cause,shadow,task,logged} python-json-{udf,analysis,cause}
fi
for name in "$@"; do one "$name"; done
