import { memoryBroker } from "../../lib/broker/memory.ts";
import { brokerSuite } from "./suite.ts";

brokerSuite("memory broker", memoryBroker, false);
