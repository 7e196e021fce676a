import { LIMITS } from '../topology/topology-limits.ts'

/** What Lambda takes as a topic; all of it is also what Kafka takes, but for the length. */
const LAMBDA_TOPIC = /^[^.]([a-zA-Z0-9\-_.]+)$/
const KAFKA_TOPIC = /^[a-zA-Z0-9._-]+$/

export const canBePolled = (topic: string): boolean => LAMBDA_TOPIC.test(topic) && canExist(topic)

/** Whether a cluster takes a topic of this name. */
export const canExist = (topic: string): boolean =>
  KAFKA_TOPIC.test(topic) && topic.length <= LIMITS.topicName.max && topic !== '.' && topic !== '..'

export const isPartOfName = (text: string): boolean => KAFKA_TOPIC.test(text)

/** Topics in which Kafka and MSK keep their own state; a copy of them would be a lie. */
const OF_THE_CLUSTER =
  /^(__consumer_offsets|__transaction_state|__share_group_state|__cluster_metadata|__amazon_msk.*)$/

export const belongsToCluster = (topic: string): boolean => OF_THE_CLUSTER.test(topic)

/** What MirrorMaker 2 leaves out: what Kafka, Connect, Streams and its like keep for themselves. */
const INTERNAL = /^(__.*|\..*|.*[-.]internal|.*\.replica)$/
const OURS = /^twinshore\.(?!heartbeats$).*$/

/** Not for a pattern to find; it may still be named, unless it `belongsToCluster`. */
export const isInternal = (topic: string): boolean => INTERNAL.test(topic) || OURS.test(topic)
